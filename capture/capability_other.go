//go:build !linux

package capture

import "fmt"

// DropPrivileges refuses to become another user; there are no capabilities to drop.
func DropPrivileges(name string) error {
	if name != "" {
		return fmt.Errorf("cannot become user %q: that needs Linux", name)
	}
	return nil
}
