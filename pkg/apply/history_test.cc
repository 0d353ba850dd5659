#include "pkg/apply/history.h"

#include <string>

#include "gmock/gmock.h"

namespace fairlead::apply {
namespace {

using ::testing::SizeIs;

KeptRevision Revision(uint64_t number, size_t bytes) {
  KeptRevision revision;
  revision.info.revision = number;
  revision.config.assign(bytes, 'x');
  return revision;
}

TEST(History, KeepsTheNewest) {
  History history;
  for (uint64_t i = 1; i <= History::kRevisions + 1; ++i) history.Add(Revision(i, 1));
  EXPECT_EQ(history.Find(1), nullptr);
  EXPECT_EQ(history.Find(2)->info.revision, 2u);
  EXPECT_THAT(history.List(), SizeIs(History::kRevisions));
  EXPECT_EQ(history.List().front().revision, History::kRevisions + 1);
}

TEST(History, KeepsFewerOfLargeOnes) {
  History history;
  for (uint64_t i = 1; i <= 3; ++i) history.Add(Revision(i, History::kBytes / 2));
  EXPECT_THAT(history.List(), SizeIs(2));
  history.Add(Revision(4, History::kBytes + 1));
  EXPECT_THAT(history.List(), SizeIs(1));
}

}  // namespace
}  // namespace fairlead::apply
