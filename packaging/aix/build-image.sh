#!/bin/sh
# Makes the installp image of the agent: build-image.sh PROGRAM VERSION OUTDIR, on AIX with mkinstallp (bos.adt.insttools).
# With "--stage DIR" as OUTDIR's place only the tree and the template are made, so that both can be looked at anywhere.
#   build-image.sh build/autodeploy 1.0.0 /tmp/out
#   build-image.sh build/autodeploy 1.0.0 --stage /tmp/tree
set -e
program=$1 version=$2 out=$3
[ $# -ge 3 ] || { echo "usage: build-image.sh PROGRAM VERSION OUTDIR | --stage DIR" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
if [ "$out" = --stage ]; then stage=$4; else stage=$out/tree; fi
case $version in *.*.*.*) level=$version ;; *) level=$version.0 ;; esac
rm -rf "$stage"
mkdir -p "$stage/usr/bin" "$stage/usr/lib/autodeploy" "$stage/usr/lpp/autodeploy" "$stage/scripts"
cp "$program" "$stage/usr/bin/autodeploy"
cp "$here/autodeploy-rescue" "$here/rotate-logs" "$stage/usr/lib/autodeploy/"
# Not in .info: that folder is mkinstallp's own.
cp "$here/pre_i" "$here/post_i" "$here/unpre_i" "$stage/scripts/"
printf 'mode: follow\n' >"$stage/usr/lpp/autodeploy/autodeploy.yaml"
chmod 755 "$stage/usr/bin/autodeploy" "$stage"/usr/lib/autodeploy/* "$stage"/scripts/*
cat >"$stage/autodeploy.template" <<TEMPLATE
Package Name: autodeploy
Package VRMF: $level
Update: N
Fileset
  Fileset Name: autodeploy.rte
  Fileset VRMF: $level
  Fileset Description: Updates of the backup-archive client
  USRLIBLPPFiles
  Pre-installation Script: $stage/scripts/pre_i
  Post-installation Script: $stage/scripts/post_i
  Unpre-installation Script: $stage/scripts/unpre_i
  EOUSRLIBLPPFiles
  Bosboot required: N
  License agreement acceptance required: N
  Include license files in this package: N
  Requisites: *prereq bos.rte 7.2.0.0
  USRFiles
  /usr/bin/autodeploy
  /usr/lib/autodeploy
  /usr/lib/autodeploy/autodeploy-rescue
  /usr/lib/autodeploy/rotate-logs
  /usr/lpp/autodeploy
  /usr/lpp/autodeploy/autodeploy.yaml
  EOUSRFiles
  ROOT Part: N
  ROOTFiles
  EOROOTFiles
  Relocatable: N
EOFileset
TEMPLATE
if [ "$out" = --stage ]; then exit 0; fi
command -v mkinstallp >/dev/null || { echo "build-image.sh: mkinstallp is not here; it is in bos.adt.insttools" >&2; exit 1; }
mkinstallp -d "$stage" -T "$stage/autodeploy.template"
cp "$stage"/tmp/autodeploy.$level.bff "$out/"
echo "$out/autodeploy.$level.bff"
