#include "pkg/apply/file_stamps.h"

#include <sys/stat.h>

namespace fairlead::apply {
namespace {

int64_t Nanoseconds(const timespec& time) {
  return time.tv_sec * INT64_C(1'000'000'000) + time.tv_nsec;
}

}  // namespace

FileStamps TakeStamps(const std::set<std::string>& paths) {
  FileStamps stamps;
  for (const std::string& path : paths) {
    FileStamp& stamp = stamps[path];
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) continue;
    stamp = {.device = found.st_dev,
             .inode = found.st_ino,
             .size = found.st_size,
             .modified_ns = Nanoseconds(found.st_mtim),
             .changed_ns = Nanoseconds(found.st_ctim)};
  }
  return stamps;
}

}  // namespace fairlead::apply
