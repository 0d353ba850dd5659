#include "pkg/route/value_template.h"

#include <gtest/gtest.h>

namespace fairlead::route {
namespace {

const Variables kVariables = {.client_ip = "192.0.2.7",
                              .host = "chat.example.com",
                              .request_id = "r-1",
                              .listener = "web",
                              .route = "ws",
                              .cluster = "chat"};

TEST(ValueTemplate, LeavesPlainTextAlone) {
  EXPECT_EQ(ValueTemplate("").Render(kVariables), "");
  EXPECT_EQ(ValueTemplate("max-age=5").Render(kVariables), "max-age=5");
}

TEST(ValueTemplate, PutsVariablesIn) {
  EXPECT_EQ(ValueTemplate("%client_ip%").Render(kVariables), "192.0.2.7");
  EXPECT_EQ(ValueTemplate("<%host%|%request_id%>").Render(kVariables), "<chat.example.com|r-1>");
  EXPECT_EQ(ValueTemplate("%listener%%route%%cluster%").Render(kVariables), "webwschat");
}

TEST(ValueTemplate, TakesTwoPercentSignsForOne) {
  EXPECT_EQ(ValueTemplate("100%%").Render(kVariables), "100%");
  EXPECT_EQ(ValueTemplate("%%host%%").Render(kVariables), "%host%");
}

TEST(ValueTemplate, LeavesWhatIsNoVariableAsItIs) {
  EXPECT_EQ(ValueTemplate("%").Render(kVariables), "%");
  EXPECT_EQ(ValueTemplate("50% of %nothing%").Render(kVariables), "50% of %nothing%");
  EXPECT_EQ(ValueTemplate("%host").Render(kVariables), "%host");
}

TEST(ValueTemplate, DoesNotLookIntoWhatItPutIn) {
  EXPECT_EQ(ValueTemplate("%host%").Render({.host = "%cluster%", .cluster = "chat"}), "%cluster%");
}

}  // namespace
}  // namespace fairlead::route
