//go:build unix

package store

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// ownFile makes this process the owner of the database file until the lock is closed
// or the process ends, however it ends. The lock is on a file of its own, because
// SQLite takes and drops locks on the database itself.
func ownFile(path string) (io.Closer, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, errors.Join(errOwned, lock.Close())
	case err != nil:
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}
