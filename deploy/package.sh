#!/bin/sh
# Builds dist/: for each architecture a static binary in a tarball and a Debian
# package, and SHA256SUMS over them. The same commit and the same Go version
# give the same bytes.
#
#   deploy/package.sh [ARCH ...]      amd64 and arm64 where none is given
#
# VERSION, SOURCE_DATE_EPOCH and DIST (the folder) may be set in the environment.
set -eu

cd "$(dirname "$0")/.."
archs=${*:-amd64 arm64}
dist=${DIST:-dist}
go=${GO:-go}
maintainer='Earshot maintainers <maintainers@earshot.example>'

revision=${VERSION:-$(git describe --tags --always --dirty 2>/dev/null || echo devel)}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC GOFLAGS=-mod=readonly

# v1.2.3 is 1.2.3, v1.2.3-4-gabc is 1.2.3+4.gabc; without a tag the commit's day
# comes first, so that a later one is an upgrade, and a release is one too.
debian_version() {
	case $1 in
	v[0-9]*) echo "${1#v}" | sed 's/-/+/; s/-/./g' ;;
	*) echo "0~$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d.%H%M%S).$(echo "$1" | tr - .)" ;;
	esac
}
version=$(debian_version "$revision")

build() { # the binary for architecture $1, into $2
	CGO_ENABLED=0 GOOS=linux GOARCH=$1 "$go" build -trimpath -buildvcs=false \
		-ldflags "-s -w -X main.version=$revision" -o "$2" ./cmd/earshot
}

# The licences of everything that is linked in.
third_party() {
	echo "The earshot binary contains the following software."
	printf '\n==== Go %s ====\n\n' "$("$go" env GOVERSION)"
	cat "$("$go" env GOROOT)/LICENSE" 2>/dev/null || echo "BSD-3-Clause, https://go.dev/LICENSE"
	GOOS=linux "$go" list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/earshot |
		sort -u | while read -r path module dir; do
		printf '\n==== %s %s ====\n\n' "$path" "$module"
		find "$dir" -maxdepth 1 -type f \( -iname 'licen[sc]e*' -o -iname 'copying*' \) | sort | xargs cat | grep . ||
			{ echo "$path has no licence file" >&2; exit 1; }
	done
}

fill() { # a template, to standard output
	sed -e "s|@VERSION@|$version|g" -e "s|@ARCH@|$arch|g" -e "s|@MAINTAINER@|$maintainer|g" \
		-e "s|@REVISION@|$revision|g" -e "s|@SIZE@|${size:-0}|g" \
		-e "s|@DATE@|$(date -u -R -d "@$SOURCE_DATE_EPOCH")|g" "$1"
}

# Everything that was made just now gets the commit's time.
settle() { find "$1" -depth -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

tree() { # the files of a package below $1
	install -D -m 0755 "$work/earshot-$arch" "$1/usr/bin/earshot"
	install -D -m 0644 deploy/systemd/earshot.service "$1/usr/lib/systemd/system/earshot.service"
	install -D -m 0644 deploy/earshot.yaml "$1/etc/earshot/earshot.yaml"
	for file in earshot.yaml prometheus/scrape.yml prometheus/rules-recording.yml prometheus/rules-alerting.yml \
		prometheus/relabel-heplify.yml prometheus/relabel-sip-exporter.yml grafana/earshot.json; do
		install -D -m 0644 "deploy/$file" "$1/usr/share/earshot/$file"
	done
	install -D -m 0644 "$work/earshot.bash" "$1/usr/share/bash-completion/completions/earshot"
	install -D -m 0644 "$work/_earshot" "$1/usr/share/zsh/vendor-completions/_earshot"
	install -D -m 0644 "$work/earshot.fish" "$1/usr/share/fish/vendor_completions.d/earshot.fish"
	install -D -m 0644 "$work/earshot.1.gz" "$1/usr/share/man/man1/earshot.1.gz"
	install -D -m 0644 deploy/debian/copyright "$1/usr/share/doc/earshot/copyright"
	install -D -m 0644 "$work/third-party.gz" "$1/usr/share/doc/earshot/third-party.gz"
}

deb() { # the Debian package of $arch
	root=$work/deb-$arch
	tree "$root"
	fill deploy/debian/changelog.in | gzip -9n >"$root/usr/share/doc/earshot/changelog.gz"
	chmod 0644 "$root/usr/share/doc/earshot/changelog.gz"
	install -D -m 0644 deploy/debian/lintian-overrides "$root/usr/share/lintian/overrides/earshot"
	size=$(($(find "$root" -type f -exec stat -c %s {} + | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')))
	install -d -m 0755 "$root/DEBIAN"
	(cd "$root" && find usr -type f | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
	fill deploy/debian/control.in >"$root/DEBIAN/control"
	install -m 0644 deploy/debian/conffiles "$root/DEBIAN/conffiles"
	install -m 0755 deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm "$root/DEBIAN/"
	settle "$root"
	dpkg-deb --root-owner-group -Zxz --build "$root" "$dist/earshot_${version}_$arch.deb" >/dev/null
	echo "$dist/earshot_${version}_$arch.deb"
}

tarball() { # binary, manual, unit, rules and dashboard of $arch
	name=earshot-$revision-linux-$arch
	tree "$work/$name"
	settle "$work/$name"
	tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -9n >"$dist/$name.tar.gz"
	echo "$dist/$name.tar.gz"
}

umask 022
mkdir -p "$dist"
rm -f "$dist"/earshot* "$dist/SHA256SUMS"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Manual and completions are the binary's own text, so the host's says them.
host=$work/earshot-$("$go" env GOHOSTARCH)
build "$("$go" env GOHOSTARCH)" "$host"
"$host" man | gzip -9n >"$work/earshot.1.gz"
"$host" completion bash >"$work/earshot.bash"
"$host" completion zsh >"$work/_earshot"
"$host" completion fish >"$work/earshot.fish"
third_party >"$work/third-party"
gzip -9n "$work/third-party"

for arch in $archs; do
	[ -e "$work/earshot-$arch" ] || build "$arch" "$work/earshot-$arch"
	tarball
	if command -v dpkg-deb >/dev/null; then
		deb
	else
		echo "no Debian package: dpkg-deb is missing" >&2
	fi
done
(cd "$dist" && sha256sum earshot* >SHA256SUMS)
