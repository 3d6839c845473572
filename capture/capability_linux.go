package capture

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// DropPrivileges gives up everything that opening sockets took: it becomes the
// named user ("" stays who it is), drops every capability of every thread, and
// the way to get them back by executing a file. Rings that are open go on, and
// find interfaces that come back, but hardware time stamps cannot be turned on
// again for those.
//
// A binary that is linked with cgo cannot reach all its threads; the error then
// is errors.ErrUnsupported, and nothing was dropped.
func DropPrivileges(name string) error {
	if _, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); errno != 0 {
		if errno == syscall.ENOTSUP {
			return fmt.Errorf("cannot drop privileges of all threads: %w (built with cgo; build with CGO_ENABLED=0)", errno)
		}
		return fmt.Errorf("cannot give up gaining privileges: %w", errno)
	}
	if err := dropBounding(); err != nil {
		return err
	}
	if name != "" {
		if err := become(name); err != nil {
			return fmt.Errorf("cannot become user %q: %w", name, err)
		}
	}
	return dropCapabilities()
}

// dropBounding empties the bounding and ambient sets, so that nothing executed
// has capabilities. Without CAP_SETPCAP there is nothing to be done about the
// bounding set, and no_new_privs does it.
func dropBounding() error {
	for capability := uintptr(0); capability < 64; capability++ {
		_, _, errno := syscall.AllThreadsSyscall(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, capability, 0)
		if errno == syscall.EINVAL || errno == syscall.EPERM {
			break // the kernel knows no more of them, or does not let us
		}
		if errno != 0 {
			return fmt.Errorf("cannot drop capability %d from the bounding set: %w", capability, errno)
		}
	}
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0, 0)
	if errno != 0 && errno != syscall.EINVAL { // Linux before 4.3 has no ambient set
		return fmt.Errorf("cannot clear the ambient capabilities: %w", errno)
	}
	return nil
}

// become changes to the user and its group, and leaves all other groups.
func become(name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	if os.Getuid() == uid && os.Geteuid() == uid {
		return nil
	}
	if err := syscall.Setgroups([]int{gid}); err != nil {
		return fmt.Errorf("cannot leave other groups: %w (it takes root)", err)
	}
	if err := syscall.Setgid(gid); err != nil {
		return fmt.Errorf("cannot take group %d: %w", gid, err)
	}
	if err := syscall.Setuid(uid); err != nil {
		return fmt.Errorf("cannot take user %d: %w", uid, err)
	}
	return nil
}

// dropCapabilities empties the effective, permitted and inheritable sets.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET,
		uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none[0])), 0)
	if errno != 0 {
		return fmt.Errorf("cannot drop capabilities: %w", errno)
	}
	return nil
}
