// Command bench measures the whole path: it makes captures with callgen, has
// earshot and tshark read them from the page cache, and writes what it saw to
// bench/README.md with the machine and the version.
//
// Run it from the root of the repository: make bench.
package main
