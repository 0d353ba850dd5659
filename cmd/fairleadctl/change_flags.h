#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "pkg/ctl/change.h"

// The flags that every change has. `flags` outlives the parsing.
void AddChangeFlags(CLI::App* command, fairlead::ctl::ChangeFlags* flags);
// Reads a duration as in the configuration file ("10m") into `duration`.
CLI::Option* AddDuration(CLI::App* command, const std::string& name, fairlead::base::Duration* duration,
                         const std::string& help);
