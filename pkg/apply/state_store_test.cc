#include "pkg/apply/state_store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "pkg/apply/revision_text.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Step = StateStore::Step;

constexpr Step kSteps[] = {Step::kOpen,   Step::kWrite,         Step::kSync,
                           Step::kRename, Step::kSyncDirectory, Step::kDone};

KeptRevision Revision(uint64_t number) {
  return {.info = {.revision = number,
                   .applied_at = base::WallTime(std::chrono::seconds(1'700'000'000)),
                   .source = "push:uid=1000\nodd",
                   .summary = "1 changed: clusters[chat]"},
          .etag = "e-1",
          .membership = {{"chat", {"m-1", number}}, {"pods", {"m-2", 1}}},
          .fleet = {.revision = 12, .hash = "a \\hash\n"},
          .config = std::string("bytes\0and\nmore", 14) + std::string(100'000, 'x')};
}

std::vector<uint64_t> Numbers(const std::vector<KeptRevision>& kept) {
  std::vector<uint64_t> numbers;
  for (const KeptRevision& revision : kept) numbers.push_back(revision.info.revision);
  return numbers;
}

std::unique_ptr<StateStore> Open(const std::string& path) {
  return *StateStore::Open(path);
}

TEST(StateStore, GivesBackWhatItKept) {
  const TestDirectory directory;
  ASSERT_TRUE(Open(directory.path())->Save(Revision(3)).ok());
  EXPECT_THAT(Open(directory.path())->Load(), ElementsAre(Revision(3)));
}

TEST(StateStore, KeepsTheNewest) {
  const TestDirectory directory;
  const auto store = Open(directory.path());
  for (uint64_t i = 1; i <= History::kRevisions + 3; ++i) ASSERT_TRUE(store->Save(Revision(i)).ok());
  const auto numbers = Numbers(store->Load());
  EXPECT_EQ(numbers.size(), History::kRevisions);
  EXPECT_EQ(numbers.front(), 4u);
  EXPECT_EQ(store->HighestRevision(), History::kRevisions + 3);
}

TEST(StateStore, PassesOverWhatIsDamaged) {
  const TestDirectory directory;
  const auto store = Open(directory.path());
  for (uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(store->Save(Revision(i)).ok());
  std::fstream file(directory.path() + "/revision-3", std::ios::in | std::ios::out);
  file.seekp(-1, std::ios::end) << 'y';
  file.close();
  std::filesystem::resize_file(directory.path() + "/revision-2", 60'000);
  std::filesystem::create_directory(directory.path() + "/revision-4");
  EXPECT_THAT(Numbers(store->Load()), ElementsAre(1));
  EXPECT_EQ(store->HighestRevision(), 4u);
}

TEST(StateStore, PassesOverWhatANewerProgramWrote) {
  std::string problem;
  std::string text = EncodeRevision(Revision(1));
  text.replace(0, text.find('\n'), "fairlead-revision 2");
  EXPECT_FALSE(DecodeRevision(text, &problem).has_value());
  EXPECT_THAT(problem, ::testing::HasSubstr("version"));
}

TEST(StateStore, KeepsItToItsUser) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/a/b";
  ASSERT_TRUE(Open(path)->Save(Revision(1)).ok());
  struct stat about = {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0700u);
  ASSERT_EQ(::stat((path + "/revision-1").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST(StateStore, SaysWhereItCannotBe) {
  EXPECT_FALSE(StateStore::Open("/proc/none").ok());
}

TEST(StateStore, BelongsToOneAtATime) {
  const TestDirectory directory;
  auto store = Open(directory.path());
  const auto second = StateStore::Open(directory.path());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(std::string(second.status().message()),
            directory.path() + " belongs to another process that runs");
  store.reset();
  EXPECT_TRUE(StateStore::Open(directory.path()).ok());
}

// A process that is killed at any step leaves the revision before, whole, or the new one, whole.
TEST(StateStore, SurvivesBeingKilledAtEveryStep) {
  for (const Step fatal : kSteps) {
    const TestDirectory directory;
    ASSERT_TRUE(Open(directory.path())->Save(Revision(1)).ok());
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = StateStore::Open(directory.path(), [fatal](Step step) {
        if (step == fatal) ::_exit(9);
        return absl::OkStatus();
      });
      const absl::Status status = (*store)->Save(Revision(2));
      ::_exit(status.ok() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 9);
    const auto store = Open(directory.path());
    const bool renamed = fatal > Step::kRename;
    const auto kept = store->Load();
    EXPECT_EQ(kept.back(), Revision(renamed ? 2 : 1));
    EXPECT_TRUE(store->Save(Revision(3)).ok()) << "what is left over is in nobody's way";
    EXPECT_EQ(store->Load().back(), Revision(3));
  }
}

TEST(StateStore, LeavesNothingInForceThatItSaidFailed) {
  for (const Step failing : kSteps) {
    const TestDirectory directory;
    ASSERT_TRUE(Open(directory.path())->Save(Revision(1)).ok());
    auto store = *StateStore::Open(directory.path(), [failing](Step step) {
      return step == failing ? absl::UnavailableError("the disk is full") : absl::OkStatus();
    });
    EXPECT_FALSE(store->Save(Revision(2)).ok());
    EXPECT_THAT(Numbers(store->Load()), ElementsAre(1));
  }
}

TEST(StateStore, KeepsTheLastOfThoseThatWereReplaced) {
  const TestDirectory directory;
  const auto store = Open(directory.path());
  ASSERT_TRUE(store->Save(Revision(1)).ok());
  for (uint64_t i = 2; i <= History::kRevisions + 3; ++i) ASSERT_TRUE(store->Save(Revision(i), i - 1).ok());
  EXPECT_THAT(Numbers(store->Load()), ElementsAre(History::kRevisions + 2, History::kRevisions + 3));
  ASSERT_TRUE(store->Save(Revision(100)).ok());
  EXPECT_THAT(Numbers(store->Load()), ElementsAre(History::kRevisions + 3, 100));
}

TEST(StateStore, CountsNoNumberThatLeavesNoRoom) {
  const TestDirectory directory;
  ASSERT_TRUE(Open(directory.path())->Save(Revision(3)).ok());
  std::ofstream(directory.path() + "/revision-18446744073709551615") << "junk";
  EXPECT_EQ(Open(directory.path())->HighestRevision(), 3u);
}

TEST(StateStore, KeepsTheFencingTokens) {
  const TestDirectory directory;
  const auto loaded = [&directory] {
    return Open(directory.path())->LoadFencingTokens(config::Owner::kPush);
  };
  EXPECT_THAT(*loaded(), IsEmpty());
  const FencingTokens tokens{{"push", 17}, {"pods chat", 4}};
  ASSERT_TRUE(Open(directory.path())->SaveFencingTokens(tokens).ok());
  EXPECT_EQ(*loaded(), tokens);
  std::ofstream(directory.path() + "/fencing-token") << "17";
  EXPECT_EQ(*loaded(), (FencingTokens{{"push", 17}})) << "of a time when there was one for everything";
  std::ofstream(directory.path() + "/fencing-token") << "x";
  EXPECT_FALSE(loaded().ok()) << "rather no start than an old leader";
}

Change Adding(const std::string& id, uint16_t port) {
  return Push(PatchEndpoints{.cluster = "chat", .upsert = {TestEndpoint(id, port)}, .remove_ids = {}});
}

TEST(Applier, ServesAfterARestartWhatWasInForce) {
  const TestDirectory directory;
  std::string etag;
  {
    TestApplier before(config::Owner::kPush, directory.path());
    before.Start();
    EXPECT_FALSE(before->status().stale);
    etag = before.Submit(Adding("d", 9004)).etag;
  }
  TestApplier after(config::Owner::kPush, directory.path());
  EXPECT_THAT(after.Start("clusters: []"), IsEmpty());
  EXPECT_THAT(after.Labels("chat"), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(after->status().revision, 2u);
  EXPECT_TRUE(after->status().stale);
  after.clock().Advance(std::chrono::minutes(1));
  EXPECT_EQ(after->status().stale_for, std::chrono::minutes(1));
  Change next = Adding("e", 9005);
  next.etag = etag;
  EXPECT_EQ(after.Submit(next).revision, 3u) << "etags survive a restart";
  EXPECT_FALSE(after->status().stale);
  EXPECT_TRUE(after.Submit(Push(Rollback{1})).applied());
}

TEST(Applier, IsStaleUntilItsOwnerConfirms) {
  const TestDirectory directory;
  {
    TestApplier before(config::Owner::kFleet, directory.path());
    before.Start();
  }
  TestApplier after(config::Owner::kFleet, directory.path());
  after.Start();
  Change change = Adding("d", 9004);
  change.override_owner_for = std::chrono::minutes(5);
  EXPECT_TRUE(after.Submit(change).applied());
  EXPECT_TRUE(after->status().stale) << "who takes over for a time confirms nothing";
  after.clock().Advance(std::chrono::minutes(5));
  Change confirming = Push(ReplaceConfig{*after->current()});
  confirming.origin = {.source = config::Owner::kFleet, .who = "plane"};
  EXPECT_TRUE(after.Submit(confirming).applied());
  EXPECT_FALSE(after->status().stale);
}

TEST(Applier, ServesTheNewestThatIsWhole) {
  const TestDirectory directory;
  {
    TestApplier before(config::Owner::kPush, directory.path());
    before.Start();
    before.Submit(Adding("d", 9004));
  }
  std::filesystem::resize_file(directory.path() + "/revision-2", 100);
  TestApplier after(config::Owner::kPush, directory.path());
  after.Start("clusters: []");
  EXPECT_EQ(after->status().revision, 1u);
  EXPECT_THAT(after.Labels("chat"), SizeIs(3));
  EXPECT_EQ(after.Submit(Adding("e", 9005)).revision, 3u) << "no number is used twice";
}

TEST(Applier, ServesTheFileWhereTheFileIsTheOwner) {
  const TestDirectory directory;
  {
    TestApplier before(config::Owner::kPush, directory.path());
    before.Start();
  }
  TestApplier after(config::Owner::kFile, directory.path());
  after.Start("clusters: []");
  EXPECT_THAT(after->current()->clusters, IsEmpty());
  EXPECT_EQ(after->status().revision, 2u);
  EXPECT_FALSE(after->status().stale);
}

TEST(Applier, RemembersTheFencingTokenOverARestart) {
  const TestDirectory directory;
  {
    TestApplier before(config::Owner::kPush, directory.path());
    before.Start();
    Change change = Adding("d", 9004);
    change.fencing_token = 5;
    before.Submit(change);
  }
  TestApplier after(config::Owner::kPush, directory.path());
  after.Start();
  Change change = Adding("e", 9005);
  change.fencing_token = 4;
  EXPECT_EQ(after.Submit(change).verdict, Verdict::kStale);
}

TEST(Applier, RefusesWhatCannotBePersisted) {
  const TestDirectory directory;
  TestApplier applier(config::Owner::kPush, directory.path() + "/state");
  applier.Start();
  std::filesystem::remove_all(directory.path() + "/state");
  const Answer answer = applier.Submit(Adding("d", 9004));
  EXPECT_EQ(answer.verdict, Verdict::kFailed);
  ASSERT_THAT(answer.violations, SizeIs(1));
  EXPECT_EQ(answer.violations[0].path, "control.state_dir");
  EXPECT_THAT(applier.Labels("chat"), SizeIs(3));
  EXPECT_EQ(applier->status().revision, 1u);
}

TEST(Applier, IsNotTakenOverByWhatCannotBePersisted) {
  const TestDirectory directory;
  TestApplier applier(config::Owner::kFile, directory.path() + "/state");
  applier.Start();
  std::filesystem::remove_all(directory.path() + "/state");
  Change change = Adding("d", 9004);
  change.override_owner_for = std::chrono::minutes(5);
  EXPECT_EQ(applier.Submit(change).verdict, Verdict::kFailed);
  EXPECT_EQ(applier.Submit(Adding("e", 9005)).verdict, Verdict::kNotOwner);
  EXPECT_EQ(applier->status().owner, config::Owner::kFile);
}

TEST(Applier, HasSeenAFencingTokenOnceItIsKept) {
  const TestDirectory directory;
  const std::string state = directory.path() + "/state";
  Change change = Adding("a", 9001);  // as it is already: only the token is to be written
  {
    TestApplier applier(config::Owner::kPush, state);
    applier.Start();
    std::filesystem::remove_all(state);
    change.fencing_token = 5;
    EXPECT_EQ(applier.Submit(change).verdict, Verdict::kFailed);
    EXPECT_EQ(applier.Submit(change).verdict, Verdict::kFailed) << "not what it has failed to keep";
    std::filesystem::create_directory(state);
    EXPECT_EQ(applier.Submit(change).verdict, Verdict::kApplied);
  }
  TestApplier after(config::Owner::kPush, state);
  after.Start();
  change.fencing_token = 4;
  EXPECT_EQ(after.Submit(change).verdict, Verdict::kStale);
}

}  // namespace
}  // namespace fairlead::apply
