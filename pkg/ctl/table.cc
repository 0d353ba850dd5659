#include "pkg/ctl/table.h"

#include <algorithm>

namespace fairlead::ctl {
namespace {

constexpr size_t kGap = 2;

size_t WidthOf(const std::string& text) {
  // Each character but its continuation bytes (RFC 3629 §3).
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace

void Table::Add(std::vector<Cell> row) {
  for (Cell& cell : row) cell.text = Printable(cell.text);
  rows_.push_back(std::move(row));
}

std::string Table::ToString(const Style& style) const {
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.emplace_back(column.title, Tint::kFaint);
  std::vector<const std::vector<Cell>*> lines{&titles};
  for (const auto& row : rows_) lines.push_back(&row);

  std::vector<size_t> widths(columns_.size());
  for (const auto* line : lines) {
    for (size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], WidthOf((*line)[i].text));
  }
  std::string text;
  for (const auto* line : lines) {
    for (size_t i = 0; i < widths.size(); ++i) {
      const Cell& cell = (*line)[i];
      const std::string padding(widths[i] - WidthOf(cell.text), ' ');
      if (i > 0) text.append(kGap, ' ');
      if (columns_[i].align == Align::kRight) text += padding;
      text += style.Paint(cell.tint, cell.text);
      if (columns_[i].align == Align::kLeft && i + 1 < widths.size()) text += padding;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace fairlead::ctl
