#include "pkg/app/version.h"

namespace fairlead::app {

std::string_view Version() {
  return FAIRLEAD_VERSION;
}
std::string_view Commit() {
  return FAIRLEAD_COMMIT;
}

}  // namespace fairlead::app
