#include "pkg/control/tunnel_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace fairlead::control {
namespace {

// What comes first ranks lowest. Among equals the id decides.
int64_t RankOf(const tunnel::Row& row, TunnelOrder order) {
  switch (order) {
    case TunnelOrder::kId:
      return 0;
    case TunnelOrder::kAge:
      return row.opened_at.time_since_epoch().count();
    case TunnelOrder::kIdle:
      return -row.idle.count();
    case TunnelOrder::kBytes:
      return -static_cast<int64_t>(row.bytes_received + row.bytes_sent);
    case TunnelOrder::kMessages:
      return row.conversation ? -static_cast<int64_t>(row.conversation->messages_from_client +
                                                      row.conversation->messages_from_backend)
                              : 0;
    case TunnelOrder::kPingRtt:
      return row.conversation
                 ? -std::max(row.conversation->client_ping_rtt, row.conversation->backend_ping_rtt).count()
                 : 0;
  }
  return 0;
}

}  // namespace

std::optional<PageToken> PageToken::Parse(std::string_view text) {
  PageToken token;
  if (text.empty()) return token;
  const char* const end = text.data() + text.size();
  const auto rank = std::from_chars(text.data(), end, token.rank);
  if (rank.ec != std::errc() || rank.ptr == end || *rank.ptr != '.') return std::nullopt;
  const auto id = std::from_chars(rank.ptr + 1, end, token.id);
  if (id.ec != std::errc() || id.ptr != end) return std::nullopt;
  return token;
}

std::string PageToken::ToString() const {
  return fmt::format("{}.{}", rank, id);
}

TunnelPage PageOf(std::vector<tunnel::Row> rows, TunnelOrder order, const PageToken& from, size_t size) {
  const auto place = [order](const tunnel::Row& row) { return std::pair(RankOf(row, order), row.id); };
  const std::pair after(from.rank, from.id);
  std::erase_if(rows, [&](const tunnel::Row& row) { return place(row) <= after; });
  const auto before = [&](const tunnel::Row& a, const tunnel::Row& b) { return place(a) < place(b); };
  TunnelPage page;
  if (rows.size() <= size) {
    std::sort(rows.begin(), rows.end(), before);
  } else {
    std::partial_sort(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(size), rows.end(), before);
    rows.erase(rows.begin() + static_cast<ptrdiff_t>(size), rows.end());
    page.next = PageToken{.rank = RankOf(rows.back(), order), .id = rows.back().id}.ToString();
  }
  page.rows = std::move(rows);
  return page;
}

}  // namespace fairlead::control
