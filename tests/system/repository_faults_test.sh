#!/bin/bash
# kill -9 and power cuts at a few points of a publish and of a client's refresh; tests/faults does it at every one.
exec bash "$(dirname "$(readlink -f "$0")")/../faults/repository.sh" 4
