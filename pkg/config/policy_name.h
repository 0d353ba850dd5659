#pragma once

#include <string_view>

#include "pkg/config/config.h"

namespace fairlead::config {

// As a file has it: "MAGLEV".
constexpr std::string_view PolicyName(Policy policy) {
  switch (policy) {
    case Policy::kRoundRobin:
      return "ROUND_ROBIN";
    case Policy::kLeastConnections:
      return "LEAST_CONNECTIONS";
    case Policy::kMaglev:
      return "MAGLEV";
    case Policy::kRandomTwoChoices:
      return "RANDOM_TWO_CHOICES";
    case Policy::kRingHash:
      return "RING_HASH";
    case Policy::kRendezvous:
      return "RENDEZVOUS";
  }
  return "";
}

}  // namespace fairlead::config
