package capture

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// freeOctets returns what an ordinary user may still write to a folder's disk.
func freeOctets(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	return int64(s.Bavail) * int64(s.Bsize), nil // Bsize is an int32 on some architectures
}

// startWriteback has the kernel begin to write a part of a file, and does not
// wait: the fsync at its end then has little left to do. An error would show there.
func startWriteback(f *os.File, off, n int64) {
	if n > 0 {
		_ = unix.SyncFileRange(int(f.Fd()), off, n, unix.SYNC_FILE_RANGE_WRITE)
	}
}

// pathOf is by what an open file is opened once more, from its beginning, even
// after it was deleted (proc_pid_fd(5)).
func pathOf(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }
