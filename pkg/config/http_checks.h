#pragma once

#include <string>
#include <string_view>

#include "pkg/config/path.h"
#include "pkg/config/report.h"

namespace fairlead::config {

// Fields that hold a piece of HTTP, judged by the rules that messages on the wire are judged by. Each
// function reports what is wrong with one field.

// A path as a client sends it, without query.
void CheckPath(std::string_view text, const Path& path, Report& report);
// The same, and maybe a query.
void CheckPathAndQuery(std::string_view text, const Path& path, Report& report);

// "host", "host:port", "[2001:db8::1]:port".
void CheckHost(std::string_view text, const Path& path, Report& report);

// What a virtual host may claim: a host without a port, "*.suffix" or "*". Returns it in lower case.
std::string ReadDomain(std::string_view text, const Path& path, Report& report);

// A name to ask DNS for: labels of letters, digits, "-" and "_" (RFC 1035 §2.3.1, and what is in use); not an
// address.
void CheckDnsName(std::string_view text, const Path& path, Report& report);

// The name of a header (RFC 9110 §5.1). Returns it in lower case.
std::string ReadHeaderName(std::string_view text, const Path& path, Report& report);

// The value of a header (RFC 9110 §5.5): no control characters but tabs, at most kMaxTextBytes.
void CheckHeaderValue(std::string_view text, const Path& path, Report& report);

// A method (RFC 9110 §9.1) that a route may ask for, or empty.
void CheckMethod(std::string_view text, const Path& path, Report& report);

// What an Upgrade header may name (RFC 9110 §7.8), or "*". Returns it in lower case.
std::string ReadUpgradeToken(std::string_view text, const Path& path, Report& report);

}  // namespace fairlead::config
