// Prints the known answers of crates/dgov-data/tests/vectors/commp.json: piece CIDs made by the Filecoin project's own Go
// libraries for payloads that both sides can make. With arguments, the piece CIDs of these files.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	commcid "github.com/filecoin-project/go-fil-commcid"
	commp "github.com/filecoin-project/go-fil-commp-hashhash"
)

type vector struct {
	Size   int    `json:"size"`
	Padded uint64 `json:"padded"`
	V1     string `json:"v1"`
	// Missing below 127 bytes, which the library refuses.
	V2 string `json:"v2,omitempty"`
}

// The payload of a size: the top bytes of a linear congruential generator that starts with the size.
func payload(size int) []byte {
	state := uint64(size)
	bytes := make([]byte, size)
	for i := range bytes {
		state = state*6364136223846793005 + 1442695040888963407
		bytes[i] = byte(state >> 56)
	}
	return bytes
}

// Piece CIDs of files, version 1 and 2, by their names.
func ofFiles(paths []string) {
	found := make(map[string][2]string)
	for _, path := range paths {
		bytes, err := os.ReadFile(path)
		if err != nil {
			fail(err)
		}
		var calc commp.Calc
		if _, err := calc.Write(bytes); err != nil {
			fail(err)
		}
		digest, _, err := calc.Digest()
		if err != nil {
			fail(err)
		}
		v1, err := commcid.DataCommitmentV1ToCID(digest)
		if err != nil {
			fail(err)
		}
		v2, err := commcid.DataCommitmentToPieceCidv2(digest, uint64(len(bytes)))
		if err != nil {
			fail(err)
		}
		found[filepath.Base(path)] = [2]string{v1.String(), v2.String()}
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		fail(err)
	}
}

func main() {
	if len(os.Args) > 1 {
		ofFiles(os.Args[1:])
		return
	}
	chunk := 127 * 8192
	sizes := []int{
		65, 66, 126, 127, 128, 253, 254, 255, 381, 508, 509, 1016, 4064, 10000,
		1<<20 - 1, 1 << 20, 1<<20 + 1, chunk - 1, chunk, chunk + 1, 2*chunk - 127, 2 * chunk, 3*chunk + 5,
		16 * chunk, 16*chunk + 1, 33*chunk + 4000,
	}
	vectors := make([]vector, 0, len(sizes))
	for _, size := range sizes {
		var calc commp.Calc
		if _, err := calc.Write(payload(size)); err != nil {
			fail(err)
		}
		digest, padded, err := calc.Digest()
		if err != nil {
			fail(err)
		}
		v1, err := commcid.DataCommitmentV1ToCID(digest)
		if err != nil {
			fail(err)
		}
		answer := vector{Size: size, Padded: padded, V1: v1.String()}
		if size >= 127 {
			v2, err := commcid.DataCommitmentToPieceCidv2(digest, uint64(size))
			if err != nil {
				fail(err)
			}
			answer.V2 = v2.String()
		}
		vectors = append(vectors, answer)
	}
	out, err := json.MarshalIndent(vectors, "", "  ")
	if err != nil {
		fail(err)
	}
	fmt.Println(string(out))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
