// Package pagecache fills the page cache that a cgroup is charged for.
package pagecache

import (
	"fmt"
	"io"
	"io/ioutil"
	"os"
	"sync"
)

// Cache keeps the files whose pages it filled open until the process ends; no file has a name.
type Cache struct {
	// Folder is where the files lie: on a disk, since memory behind a tmpfs cannot be given back.
	Folder string

	mutex sync.Mutex
	files []*os.File
}

// chunk is written and made durable at once: a page that is still to be written cannot be dropped.
const chunk = 1 << 20

// Fill writes a file of so many bytes and reads it again.
func (c *Cache) Fill(bytes int64) error {
	if isMemory(c.Folder) {
		return fmt.Errorf("%s lies in memory (tmpfs), where nothing can be given back", c.Folder)
	}
	file, err := ioutil.TempFile(c.Folder, "cache-")
	if err != nil {
		return err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return err
	}
	c.mutex.Lock()
	c.files = append(c.files, file)
	c.mutex.Unlock()
	if err := write(file, bytes); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{ioutil.Discard}, file, make([]byte, 64<<10))
	return err
}

func write(file *os.File, bytes int64) error {
	buffer := make([]byte, 64<<10)
	for written := int64(0); written < bytes; {
		n := bytes - written
		if n > int64(len(buffer)) {
			n = int64(len(buffer))
		}
		if _, err := file.Write(buffer[:n]); err != nil {
			return err
		}
		if written += n; written%chunk == 0 || written == bytes {
			if err := file.Sync(); err != nil {
				return err
			}
		}
	}
	return nil
}
