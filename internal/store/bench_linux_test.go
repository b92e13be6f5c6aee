package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/espalier-cloud/espalier/internal/store"
	"github.com/espalier-cloud/espalier/internal/store/storetest"
)

func benchmarkCommit(b *testing.B, s *store.Store, rows int) {
	version := int64(0)
	for b.Loop() {
		if err := s.Commit(b.Context(), oneRow("o", version, rows)); err != nil {
			b.Fatal(err)
		}
		version++
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkCommit compares one writer with a group commit of 64, and both with a bare
// append and sync of the same disk.
func BenchmarkCommit(b *testing.B) {
	b.Run("append", func(b *testing.B) {
		log, err := os.Create(filepath.Join(b.TempDir(), "log"))
		if err != nil {
			b.Fatal(err)
		}
		defer log.Close()
		for b.Loop() {
			if _, err := log.Write(make([]byte, 1100)); err != nil {
				b.Fatal(err)
			}
			if err := syscall.Fdatasync(int(log.Fd())); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, rows := range []int{1, 64} {
		b.Run(fmt.Sprint("sqlite/", rows), func(b *testing.B) { benchmarkCommit(b, open(b, store.Config{SQLitePath: file(b)}), rows) })
		b.Run(fmt.Sprint("postgres/", rows), func(b *testing.B) {
			benchmarkCommit(b, open(b, store.Config{DatabaseURL: storetest.Postgres(b)}), rows)
		})
	}
}

// BenchmarkWriters commits one row from each of 64 writers, without group commit.
func BenchmarkWriters(b *testing.B) {
	s := open(b, store.Config{SQLitePath: file(b)})
	var writers atomic.Int64
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		id := store.AggregateID(fmt.Sprint("o", writers.Add(1)))
		for version := int64(0); pb.Next(); version++ {
			if err := s.Commit(context.Background(), oneRow(id, version, 1)); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkEntities reads an aggregate of 100,000 entities.
func BenchmarkEntities(b *testing.B) {
	const rows = 100_000
	s := open(b, store.Config{SQLitePath: file(b)})
	if err := s.Commit(b.Context(), oneRow("o", 0, rows)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_, entities, err := s.Entities(b.Context(), "o")
		if err != nil {
			b.Fatal(err)
		}
		read := 0
		for _, err := range entities {
			if err != nil {
				b.Fatal(err)
			}
			read++
		}
		if read != rows {
			b.Fatalf("read %d rows", read)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkVersions is the freshness check of a read where several servers write.
func BenchmarkVersions(b *testing.B) {
	s := open(b, store.Config{DatabaseURL: storetest.Postgres(b)})
	if err := s.Commit(b.Context(), oneRow("o", 0, 1)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Versions(b.Context(), "o", "p"); err != nil {
			b.Fatal(err)
		}
	}
}
