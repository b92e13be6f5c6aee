package store

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// ownFile makes this process the owner of the database file until the lock is closed
// or the process ends, however it ends. The lock is on a file of its own, because
// SQLite takes and drops locks on the database itself.
func ownFile(path string) (io.Closer, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	err = windows.LockFileEx(windows.Handle(lock.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
	switch {
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION):
		return nil, errors.Join(errOwned, lock.Close())
	case err != nil:
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}
