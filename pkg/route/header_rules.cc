#include "pkg/route/header_rules.h"

namespace fairlead::route {

HeaderRules::HeaderRules(const config::HeaderRules& rules) : remove_(rules.remove) {
  for (const auto& [name, value] : rules.set) set_.push_back({name, ValueTemplate(value)});
  for (const auto& [name, value] : rules.add) add_.push_back({name, ValueTemplate(value)});
}

void HeaderRules::Apply(const Variables& variables, http1::Fields* fields) const {
  for (const std::string& name : remove_) fields->Remove(name);
  for (const Rule& rule : set_) fields->Set(rule.name, fields->Keep(rule.value.Render(variables)));
  for (const Rule& rule : add_) fields->Add(rule.name, fields->Keep(rule.value.Render(variables)));
}

}  // namespace fairlead::route
