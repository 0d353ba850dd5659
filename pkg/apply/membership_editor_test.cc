#include "pkg/apply/membership_editor.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "pkg/apply/test_applier.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MembershipEditorTest : public ::testing::Test {
 protected:
  std::vector<config::Violation> Patch(std::vector<config::Endpoint> upsert,
                                       std::vector<std::string> remove) {
    return editor_.Apply({.cluster = "chat", .upsert = std::move(upsert), .remove_ids = std::move(remove)},
                         &changed_);
  }
  std::vector<std::string> Labels() {
    editor_.Finish();
    std::vector<std::string> labels;
    for (const config::Endpoint& endpoint : cluster_.endpoints) labels.push_back(LabelOf(endpoint));
    return labels;
  }
  static config::Endpoint WithHashId(std::string id, uint16_t port, std::string hash_id) {
    config::Endpoint endpoint = TestEndpoint(std::move(id), port);
    endpoint.hash_id = std::move(hash_id);
    return endpoint;
  }

  config::Cluster cluster_ = ConfigOf(TestYaml()).clusters[0];  // a, b, c at ports 9001 to 9003
  MembershipEditor editor_{cluster_};
  bool changed_ = false;
};

TEST_F(MembershipEditorTest, AddsReplacesAndRemoves) {
  EXPECT_THAT(Patch({TestEndpoint("d", 9004), TestEndpoint("b", 9012)}, {"a", "not there"}), IsEmpty());
  EXPECT_TRUE(changed_);
  EXPECT_THAT(Labels(), ElementsAre("b", "c", "d"));
  EXPECT_EQ(cluster_.endpoints[0].address.ToString(), "127.0.0.1:9012");
}

TEST_F(MembershipEditorTest, KnowsWhatChangesNothing) {
  EXPECT_THAT(Patch({TestEndpoint("b", 9002)}, {"x"}), IsEmpty());
  EXPECT_FALSE(changed_);
}

TEST_F(MembershipEditorTest, TakesOnePatchAfterTheOther) {
  Patch({TestEndpoint("d", 9004)}, {"a"});
  Patch({TestEndpoint("a", 9001)}, {"d"});
  EXPECT_THAT(Labels(), ElementsAre("b", "c", "a"));
  Patch({}, {"b", "c"});
  EXPECT_THAT(Labels(), ElementsAre("a"));
}

TEST_F(MembershipEditorTest, CallsAnEndpointWithoutIdByItsAddress) {
  Patch({TestEndpoint("", 9004)}, {});
  EXPECT_THAT(Labels(), ElementsAre("a", "b", "c", "127.0.0.1:9004"));
  Patch({}, {"127.0.0.1:9004"});
  EXPECT_THAT(Labels(), ElementsAre("a", "b", "c"));
}

TEST_F(MembershipEditorTest, RefusesAHashIdThatIsTaken) {
  const auto violations =
      Patch({TestEndpoint("d", 9001), TestEndpoint("e", 9005), TestEndpoint("f", 9005)}, {});
  ASSERT_THAT(violations, SizeIs(2));
  EXPECT_EQ(violations[0].path, "upsert[0].address");
  EXPECT_EQ(violations[1].path, "upsert[2].address");
  EXPECT_THAT(Labels(), ElementsAre("a", "b", "c"));
}

TEST_F(MembershipEditorTest, RefusesAnEndpointThatIsThereTwice) {
  const auto violations = Patch({TestEndpoint("d", 9004), TestEndpoint("d", 9005)}, {});
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_EQ(violations[0].path, "upsert[1].id");
}

TEST_F(MembershipEditorTest, LetsAHashIdChangeHands) {
  EXPECT_THAT(Patch({TestEndpoint("d", 9001)}, {"a"}), IsEmpty()) << "from one that goes";
  EXPECT_THAT(Patch({WithHashId("b", 9002, "one"), WithHashId("c", 9003, "two")}, {}), IsEmpty());
  EXPECT_THAT(Patch({WithHashId("b", 9002, "two"), WithHashId("c", 9003, "one")}, {}), IsEmpty())
      << "both ways";
  EXPECT_THAT(Patch({WithHashId("e", 9005, "one")}, {}), SizeIs(1));
  EXPECT_THAT(Patch({TestEndpoint("e", 9002)}, {}), IsEmpty()) << "that b has given up";
}

}  // namespace
}  // namespace fairlead::apply
