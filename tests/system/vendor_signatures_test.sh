#!/bin/bash
# `add` with packages that really carry signatures: rpms signed by a throw-away key, an MSI signed by a throw-away
# certificate. Only a pinned signer counts, and a waiver says whose it is.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
check "builds ($preset)" build_preset "$preset" autodeploy-repository standin_dsmc standin_dsmcad || finish
check "the tools for signatures are there" bash packaging/dependencies.sh signatures || finish
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/gnupg" --kill all 2>/dev/null; rm -rf "$work"' EXIT
repository=$work/updates
(umask 077 && echo "correct horse battery" >"$work/passphrase" && mkdir "$work/gnupg")
tool() { "$build/autodeploy-repository" "$@" --repository "$repository" --passphrase-file "$work/passphrase" --by tester; }
refuses() { # WORDS COMMAND…
    local words=$1 said
    shift
    if said=$("$@" 2>&1); then echo "it was accepted: $said" && return 1; fi
    grep -qE "$words" <<<"$said" || { echo "$said" && return 1; }
}
key() { # NAME: makes a key, writes its public half
    GNUPGHOME=$work/gnupg gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-gen-key "$1" rsa2048 sign never 2>/dev/null &&
        GNUPGHOME=$work/gnupg gpg --batch --armor --export "$1" >"$work/$1.asc"
}
sign_rpms() { for file in "$1"/*.rpm; do GNUPGHOME=$work/gnupg rpmsign --define "_gpg_name vendor" --define "__gpg /usr/bin/gpg" --define "_gpg_digest_algo sha256" --addsign "$file" || return; done; }
tool init --platform linux-x86_64 --platform windows-x64 --quiet

linux=8.1.27.0-TIV-TSMBAC-LinuxX86.tar
make_rpms() {
    bash tests/standin/packages.sh --kind rpm "$build/standin" "$work/vendor" 8.1.27.0 && mkdir "$work/unsigned" "$work/signed" "$work/one-less" &&
        tar -xf "$work/vendor/$linux" -C "$work/unsigned" && cp "$work/unsigned"/* "$work/signed/" && sign_rpms "$work/signed" &&
        cp "$work/signed"/* "$work/one-less/" && cp "$work/unsigned"/TIVsm-BA.* "$work/one-less/" || return
    for kind in unsigned signed one-less; do mkdir "$work/$kind-tar" && tar -cf "$work/$kind-tar/$linux" -C "$work/$kind" . || return; done
}
check "two keys are made" eval 'key vendor && key stranger'
check "rpms are made and signed" make_rpms
check "rpm: without a pinned signer nothing is taken" refuses "no good signature of a pinned signer" tool add "$work/signed-tar/$linux"
check "rpm: another's key does not count" refuses "no good signature of a pinned signer" tool add "$work/signed-tar/$linux" --signer "$work/stranger.asc"
check "rpm: what is not signed is refused" refuses "no good signature" tool add "$work/unsigned-tar/$linux" --signer "$work/vendor.asc"
check "rpm: one package that is not signed is enough, and is named" refuses "TIVsm-BA.*no good signature" tool add "$work/one-less-tar/$linux" --signer "$work/vendor.asc"
check "rpm: what is no key is refused" refuses "no public key" tool add "$work/signed-tar/$linux" --signer "$work/passphrase"
check "rpm: signed by a pinned signer" eval 'tool add "$work/signed-tar/$linux" --signer "$work/vendor.asc" | tee "$work/said" | grep -i "signature OK (.*key ID"'
check "... recorded in the audit" eval 'tool audit | grep "\"signature\":\"signature OK\".*key ID"'
check "rpm: waived by name, with the reason" eval 'tool add "$work/unsigned-tar/$linux" --replace --waive Alice --reason "no key yet" | grep "signature waived" && tool audit | grep "Alice: no key yet"'
check "rpm: pinned for good in the folder signers" eval 'mkdir "$repository/signers" && cp "$work/vendor.asc" "$repository/signers/" && tool add "$work/signed-tar/$linux" --replace | grep "signature OK"'

certificate() { # NAME
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/O=$1" -addext extendedKeyUsage=codeSigning -addext basicConstraints=critical,CA:true \
        -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
}
windows=8.1.27.0-TIV-TSMBAC-WinX64.tar
make_msi() {
    echo "the client" >"$work/dsmc.exe"
    cat >"$work/client.wxs" <<'WXS'
<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Name="IBM Storage Protect Client" Id="*" UpgradeCode="11111111-2222-4333-8444-555555555555" Language="1033" Codepage="1252" Version="8.1.27" Manufacturer="IBM">
    <Package Id="*" Description="stand-in" Manufacturer="IBM" InstallerVersion="200" Languages="1033" Compressed="yes" SummaryCodepage="1252" Platform="x64"/>
    <Media Id="1" Cabinet="client.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir"><Component Id="Program" Guid="11111111-2222-4333-8444-555555555556" Win64="yes"><File Id="dsmc" Name="dsmc.exe" Source="dsmc.exe" KeyPath="yes"/></Component></Directory>
    <Feature Id="All" Level="1"><ComponentRef Id="Program"/></Feature>
  </Product>
</Wix>
WXS
    (cd "$work" && wixl -a x64 -o plain.msi client.wxs) &&
        osslsigncode sign -certs "$work/ibm.pem" -key "$work/ibm.key" -h sha256 -in "$work/plain.msi" -out "$work/good.msi" || return
    cp "$work/good.msi" "$work/broken.msi"
    # A byte of the embedded program.
    printf 'X' | dd of="$work/broken.msi" bs=1 seek=$(($(grep -abo MSCF "$work/broken.msi" | head -1 | cut -d: -f1) + 80)) conv=notrunc status=none
    for kind in plain good broken; do
        mkdir -p "$work/msi-$kind/TSMClient" && cp "$work/$kind.msi" "$work/msi-$kind/TSMClient/IBM Storage Protect Client.msi" &&
            tar -cf "$work/msi-$kind/$windows" -C "$work/msi-$kind" TSMClient || return
    done
}
check "two certificates are made" eval 'certificate ibm && certificate other'
check "an MSI is made and signed" make_msi
check "MSI: without a pinned certificate nothing is taken" refuses "no good signature of a pinned signer" tool add "$work/msi-good/$windows"
check "MSI: another's certificate does not count" refuses "no good signature of a pinned signer" tool add "$work/msi-good/$windows" --signer "$work/other.pem"
check "MSI: what is not signed is refused" refuses "no good signature" tool add "$work/msi-plain/$windows" --signer "$work/ibm.pem"
check "MSI: what was changed after it was signed is refused" refuses "no good signature" tool add "$work/msi-broken/$windows" --signer "$work/ibm.pem"
check "MSI: signed by a pinned certificate" eval 'tool add "$work/msi-good/$windows" --signer "$work/ibm.pem" | grep "signature OK (O=ibm)"'
check "all of it is published and read by an agent" eval 'tool release 8.1.27.0 && tool publish && tool verify | grep "2 packages"'
finish
