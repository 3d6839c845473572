package evidence

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"earshot/alerting"
)

// Zip writes all files of a bundle as one archive. The same bundle gives the
// same octets: no file in it has the time of its making.
func (b *Bundle) Zip(w io.Writer) error {
	z := zip.NewWriter(w)
	names := []string{ManifestFile}
	for _, f := range b.Manifest.Files {
		names = append(names, f.Name)
	}
	for _, name := range names {
		if err := addFile(z, b.Dir, name); err != nil {
			return fmt.Errorf("cannot put %s into the archive: %w", name, err)
		}
	}
	return z.Close()
}

// epoch is the oldest time that an archive can say.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func addFile(z *zip.Writer, dir, name string) error {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// maxUnpacked bounds what an archive may come to, in octets.
const maxUnpacked = 4 << 30

// ErrArchive says that an archive is none of a bundle.
var ErrArchive = errors.New("evidence: this is no archive of evidence")

// Unpack writes the files of an archive into a folder, which it makes and which
// must not be there yet. What leads out of the folder, or is too large, is
// refused.
func Unpack(path, dir string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrArchive, err)
	}
	defer z.Close()
	if len(z.File) > maxFiles+1 {
		return fmt.Errorf("%w: it has %d files", ErrArchive, len(z.File))
	}
	if err := os.Mkdir(dir, 0o750); err != nil {
		return err
	}
	left := int64(maxUnpacked)
	for _, f := range z.File {
		if !alerting.SafeName(f.Name) || !f.Mode().IsRegular() {
			return fmt.Errorf("%w: it holds %.80q", ErrArchive, f.Name)
		}
		n, err := unpackFile(f, filepath.Join(dir, f.Name), left)
		if err != nil {
			return fmt.Errorf("cannot unpack %s: %w", f.Name, err)
		}
		left -= n
	}
	return nil
}

func unpackFile(f *zip.File, path string, most int64) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, io.LimitReader(r, most+1))
	if n > most {
		err = fmt.Errorf("%w: it holds more than %d octets", ErrArchive, int64(maxUnpacked))
	}
	return n, errors.Join(err, w.Close())
}
