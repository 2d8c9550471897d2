#!/bin/bash
# The same with rpm.
exec bash "$(dirname "$(readlink -f "$0")")/downtime_trace_test.sh" rpm
