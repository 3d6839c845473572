package main

import (
	"net"
	"path/filepath"
	"slices"
	"strings"

	"earshot/spelling"
)

// interfaceNames lists the interfaces of this host for people.
func interfaceNames() string {
	names := localInterfaces()
	if len(names) == 0 {
		return "there are none here"
	}
	return "there are " + strings.Join(names, ", ")
}

// mostInterfaces bounds lists for people: container hosts have hundreds.
const mostInterfaces = 12

func localInterfaces() []string {
	list, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var names []string
	for _, i := range list {
		names = append(names, i.Name)
	}
	if len(names) > mostInterfaces {
		names = append(names[:mostInterfaces:mostInterfaces], "…")
	}
	return names
}

// missing says whether an interface is not there now, and which one may be meant.
func missing(name string) (hint string, is bool) {
	if name == anyInterface {
		return "", false
	}
	names := localInterfaces()
	if slices.Contains(names, name) {
		return "", false
	}
	if _, err := net.InterfaceByName(name); err == nil {
		return "", false
	}
	return interfaceNames() + spelling.Hint(name, names), true
}

// anyInterface is the kernel's word for all interfaces.
const anyInterface = "any"

// absolute makes a file of the command line relative to the working directory,
// not to the configuration.
func absolute(name string) string {
	if name == "" || name == "-" {
		return name
	}
	if full, err := filepath.Abs(name); err == nil {
		return full
	}
	return name
}
