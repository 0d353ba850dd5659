#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pkg/ctl/style.h"

namespace fairlead::ctl {

// Rows under titles, aligned. A column is as wide as its widest cell, counted in characters of UTF-8.
class Table {
 public:
  enum class Align : uint8_t { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };
  struct Cell {
    Cell(std::string cell_text, Tint cell_tint = Tint::kNone) : text(std::move(cell_text)), tint(cell_tint) {}

    std::string text;
    Tint tint;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns. Control characters are replaced.
  void Add(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }

  // A line for the titles and one for each row; nothing behind the last column but the end of the line.
  std::string ToString(const Style& style) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace fairlead::ctl
