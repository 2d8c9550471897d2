#!/bin/bash
# The same where there is no systemd.
AUTODEPLOY_MACHINE=sysv exec bash "$(dirname "$(readlink -f "$0")")/rescue_test.sh"
