// Package capture gives frames from files and decodes them down to datagrams.
package capture
