#include "pkg/config/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "pkg/http1/ascii.h"

namespace fairlead::config {
namespace {

// No name is that long; bounds the work for what stands in a file.
constexpr size_t kMaxWord = 64;

std::string Fold(std::string_view word) {
  std::string folded;
  for (char c : word) {
    if (c != '_' && c != '-') folded.push_back(http1::ToLower(c));
  }
  return folded;
}

// How many letters must be put in, taken out, changed or swapped with the next to make one of the other
// (Damerau and Levenshtein, "optimal string alignment").
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace

std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > kMaxWord) return {};
  const std::string folded = Fold(word);
  std::string_view nearest;
  size_t best = std::max<size_t>(1, folded.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    const std::string other = Fold(candidate);
    // So many letters must come or go at least.
    if (std::max(folded.size(), other.size()) - std::min(folded.size(), other.size()) >= best) continue;
    const size_t distance = Distance(folded, other);
    if (distance >= best) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace fairlead::config
