#include "pkg/route/condition.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::route {
namespace {

config::RouteMatch ForMethod(std::string method) {
  config::RouteMatch match;
  match.method = std::move(method);
  return match;
}

config::RouteMatch ForHeaders(std::vector<config::ValueMatch> headers) {
  config::RouteMatch match;
  match.headers = std::move(headers);
  return match;
}

config::RouteMatch ForQuery(std::vector<config::ValueMatch> query) {
  config::RouteMatch match;
  match.query = std::move(query);
  return match;
}

bool Holds(const config::RouteMatch& match, std::string_view method, std::string_view query,
           std::initializer_list<http1::Field> headers) {
  http1::Fields fields;
  for (const http1::Field& field : headers) fields.Add(field.name, field.value);
  return Condition(match).Holds({.method = method, .path = "/", .query = query, .headers = fields});
}

TEST(Condition, HoldsWhenNothingIsAsked) {
  EXPECT_TRUE(Holds({}, "GET", "", {}));
}

TEST(Condition, ComparesTheMethodAsItStands) {
  EXPECT_TRUE(Holds(ForMethod("GET"), "GET", "", {}));
  EXPECT_FALSE(Holds(ForMethod("GET"), "POST", "", {}));
  EXPECT_FALSE(Holds(ForMethod("GET"), "get", "", {}));
}

TEST(Condition, AsksForAHeader) {
  const config::RouteMatch match = ForHeaders({{"x-tenant", {}}});
  EXPECT_TRUE(Holds(match, "GET", "", {{"X-Tenant", "a"}}));
  EXPECT_TRUE(Holds(match, "GET", "", {{"X-Tenant", ""}}));
  EXPECT_FALSE(Holds(match, "GET", "", {{"X-Tenants", "a"}}));
}

TEST(Condition, AsksForAHeadersValue) {
  const config::RouteMatch match = ForHeaders({{"x-tenant", "a"}});
  EXPECT_TRUE(Holds(match, "GET", "", {{"x-tenant", "a"}}));
  EXPECT_FALSE(Holds(match, "GET", "", {{"x-tenant", "A"}}));
  EXPECT_FALSE(Holds(match, "GET", "", {{"x-tenant", "ab"}}));
  EXPECT_FALSE(Holds(match, "GET", "", {{"x-tenant", ""}}));
  EXPECT_FALSE(Holds(match, "GET", "", {}));
  const config::RouteMatch empty = ForHeaders({{"x-tenant", ""}});
  EXPECT_TRUE(Holds(empty, "GET", "", {{"x-tenant", ""}}));
  EXPECT_FALSE(Holds(empty, "GET", "", {}));
}

TEST(Condition, TakesSeveralLinesOfAHeaderAsOneList) {
  const config::RouteMatch one = ForHeaders({{"x-tenant", "a"}});
  EXPECT_FALSE(Holds(one, "GET", "", {{"x-tenant", "a"}, {"x-tenant", "b"}}));
  EXPECT_FALSE(Holds(one, "GET", "", {{"x-tenant", "b"}, {"x-tenant", "a"}}));
  const config::RouteMatch both = ForHeaders({{"x-tenant", "a, b"}});
  EXPECT_TRUE(Holds(both, "GET", "", {{"x-tenant", "a"}, {"accept", "*/*"}, {"x-tenant", "b"}}));
  EXPECT_TRUE(Holds(both, "GET", "", {{"x-tenant", "a, b"}}));
}

TEST(Condition, AsksForQueryParameters) {
  const config::RouteMatch match = ForQuery({{"v", "two words"}, {"debug", {}}});
  EXPECT_TRUE(Holds(match, "GET", "debug&v=two%20words", {}));
  EXPECT_TRUE(Holds(match, "GET", "v=two+words&debug=1", {}));
  EXPECT_FALSE(Holds(match, "GET", "v=two+words", {}));
  EXPECT_FALSE(Holds(match, "GET", "v=two&v=two+words&debug", {}));
}

TEST(Condition, ComparesWhatIsAskedByMethodThenHeadersThenQuery) {
  const Condition nothing({}), method(ForMethod("GET")), query(ForQuery({{"a", {}}}));
  const Condition header(ForHeaders({{"a", {}}})), headers(ForHeaders({{"a", {}}, {"b", {}}}));
  EXPECT_GT(method.Specificity(), headers.Specificity());
  EXPECT_GT(headers.Specificity(), header.Specificity());
  EXPECT_GT(header.Specificity(), query.Specificity());
  EXPECT_GT(query.Specificity(), nothing.Specificity());
}

}  // namespace
}  // namespace fairlead::route
