#!/bin/bash
# The same with rpm.
exec bash "$(dirname "$(readlink -f "$0")")/variants_test.sh" rpm "$@"
