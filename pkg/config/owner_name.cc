#include "pkg/config/owner_name.h"

namespace fairlead::config {

std::string_view Name(Owner owner) {
  switch (owner) {
    case Owner::kFile:
      return "FILE";
    case Owner::kPush:
      return "PUSH";
    case Owner::kFleet:
      return "FLEET";
  }
  return "";
}

}  // namespace fairlead::config
