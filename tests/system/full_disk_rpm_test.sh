#!/bin/bash
# The same with rpm.
exec bash "$(dirname "$(readlink -f "$0")")/full_disk_test.sh" rpm "$@"
