#include "cmd/fairleadctl/change_flags.h"

#include "pkg/ctl/units.h"

using fairlead::ctl::ChangeFlags;

CLI::Option* AddDuration(CLI::App* command, const std::string& name, fairlead::base::Duration* duration,
                         const std::string& help) {
  return command
      ->add_option_function<std::string>(
          name,
          [name, duration](const std::string& text) {
            const auto read = fairlead::ctl::ReadDuration(text);
            if (!read)
              throw CLI::ValidationError(name, "\"" + text + "\" is no duration, write one such as 10m");
            *duration = *read;
          },
          help)
      ->type_name("DURATION");
}

void AddChangeFlags(CLI::App* command, ChangeFlags* flags) {
  command->add_flag("--dry-run", flags->dry_run, "Say what would change, and change nothing");
  command->add_option("--etag", flags->etag, "Refuse it unless this is the etag in force");
  AddDuration(command, "--override-owner-for", &flags->override_owner_for,
              "Take the configuration over from its owner for this long, at most 24h");
}
