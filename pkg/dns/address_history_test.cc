#include "pkg/dns/address_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace fairlead::dns {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<base::IpAddress> Addresses(std::initializer_list<const char*> texts) {
  std::vector<base::IpAddress> addresses;
  for (const char* text : texts) addresses.push_back(*base::IpAddress::Parse(text));
  return addresses;
}

std::vector<std::string> Texts(const AddressHistory& history) {
  std::vector<std::string> texts;
  for (const base::IpAddress& address : history.addresses()) texts.push_back(address.ToString());
  return texts;
}

TEST(AddressHistory, KnowsNothingBeforeTheFirstAnswer) {
  EXPECT_THAT(Texts(AddressHistory()), IsEmpty());
}

TEST(AddressHistory, SortsAndDropsDuplicates) {
  AddressHistory history;
  EXPECT_TRUE(history.Update(Addresses({"2001:db8::2", "10.0.0.9", "10.0.0.10", "2001:db8::1", "10.0.0.9"})));
  EXPECT_THAT(Texts(history), ElementsAre("10.0.0.9", "10.0.0.10", "2001:db8::1", "2001:db8::2"));
}

TEST(AddressHistory, TheSameAnswerInAnotherOrderIsNoChange) {
  AddressHistory history;
  history.Update(Addresses({"10.0.0.1", "10.0.0.2"}));
  EXPECT_FALSE(history.Update(Addresses({"10.0.0.2", "10.0.0.1"})));
}

TEST(AddressHistory, ANewAddressJoinsAtOnce) {
  AddressHistory history;
  history.Update(Addresses({"10.0.0.1", "10.0.0.3"}));
  EXPECT_TRUE(history.Update(Addresses({"10.0.0.1", "10.0.0.2", "10.0.0.3"})));
  EXPECT_THAT(Texts(history), ElementsAre("10.0.0.1", "10.0.0.2", "10.0.0.3"));
}

TEST(AddressHistory, AnAddressLeavesWithTheThirdAnswerThatLacksIt) {
  AddressHistory history;
  history.Update(Addresses({"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
  EXPECT_FALSE(history.Update(Addresses({"10.0.0.2"})));
  EXPECT_FALSE(history.Update(Addresses({"10.0.0.2"})));
  EXPECT_TRUE(history.Update(Addresses({"10.0.0.2"})));
  EXPECT_THAT(Texts(history), ElementsAre("10.0.0.2"));
}

TEST(AddressHistory, OnlyMissesInARowCount) {
  AddressHistory history;
  const auto both = Addresses({"10.0.0.1", "10.0.0.2"}), one = Addresses({"10.0.0.1"});
  history.Update(both);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(history.Update(one));
    EXPECT_FALSE(history.Update(one));
    EXPECT_FALSE(history.Update(both));
  }
}

TEST(AddressHistory, AServerThatHandsOutPartsInTurnIsNoChange) {
  AddressHistory history;
  history.Update(Addresses({"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(history.Update(Addresses({"10.0.0.1"})));
    EXPECT_FALSE(history.Update(Addresses({"10.0.0.3"})));
    EXPECT_FALSE(history.Update(Addresses({"10.0.0.2"})));
  }
}

TEST(AddressHistory, ReplacesAllInTheEnd) {
  AddressHistory history;
  history.Update(Addresses({"10.0.0.1", "10.0.0.9"}));
  EXPECT_TRUE(history.Update(Addresses({"10.0.0.5"})));
  EXPECT_FALSE(history.Update(Addresses({"10.0.0.5"})));
  EXPECT_TRUE(history.Update(Addresses({"10.0.0.5"})));
  EXPECT_THAT(Texts(history), ElementsAre("10.0.0.5"));
}

}  // namespace
}  // namespace fairlead::dns
