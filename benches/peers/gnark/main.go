// gnark as a worker of `medveil bench peers`: orders on standard input, answers on standard output,
// one JSON object a line (benches/peers/src/protocol.rs).
//
//	peer-gnark FOLDER CACHE
//
// FOLDER has circuit.r1cs and witness.wtns. Their rows become gnark's own, with every wire an input,
// so that solving is a check of the rows. gnark has no way in for a foreign key: its own is made
// once and kept in CACHE.
//
//	peer-gnark verify VKEY.json PUBLIC.json PROOF.json
//
// gives gnark's verdict on files of snarkjs (verify.go).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/backend/witness"
	cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/logger"
	"github.com/rs/zerolog"
)

type order struct {
	Do string `json:"do"`
}

type answer struct {
	Done     string   `json:"done,omitempty"`
	Failed   string   `json:"failed,omitempty"`
	Ms       float64  `json:"ms"`
	SolveMs  *float64 `json:"solve_ms,omitempty"`
	SetupMs  *float64 `json:"setup_ms,omitempty"`
	Verified *bool    `json:"verified,omitempty"`
}

type failure struct {
	Failed string `json:"failed"`
}

// worker holds one circuit with its key.
type worker struct {
	folder, cache string
	rows          *cs.R1CS
	full, public  witness.Witness
	proving       groth16.ProvingKey
	verifying     groth16.VerifyingKey
	proof         groth16.Proof
	solving       solving
}

// solving hears how long solving took: the prover says it in its log, and nowhere else.
type solving struct{ ms *float64 }

func (s *solving) Write(line []byte) (int, error) {
	var said struct {
		Message string  `json:"message"`
		Took    float64 `json:"took"`
	}
	if json.Unmarshal(line, &said) == nil && said.Message == "constraint system solver done" {
		s.ms = &said.Took
	}
	return len(line), nil
}

func since(begun time.Time) float64 {
	return float64(time.Since(begun).Nanoseconds()) / 1e6
}

func (w *worker) load() (answer, error) {
	var err error
	if w.rows, err = readRows(filepath.Join(w.folder, "circuit.r1cs")); err != nil {
		return answer{}, err
	}
	if w.full, err = readWitness(filepath.Join(w.folder, "witness.wtns"), w.rows); err != nil {
		return answer{}, err
	}
	if w.public, err = w.full.Public(); err != nil {
		return answer{}, err
	}
	var done answer
	proving, verifying := filepath.Join(w.cache, "proving.key"), filepath.Join(w.cache, "verifying.key")
	if _, err := os.Stat(verifying); err != nil {
		begun := time.Now()
		pk, vk, err := groth16.Setup(w.rows)
		if err != nil {
			return answer{}, err
		}
		took := since(begun)
		done.SetupMs = &took
		// The verifying key last: without it there is no key.
		if err := write(proving, pk.WriteDump); err != nil {
			return answer{}, err
		}
		raw := func(to writer) error { _, err := vk.WriteRawTo(to); return err }
		if err := write(verifying, raw); err != nil {
			return answer{}, err
		}
	}
	begun := time.Now()
	w.proving = groth16.NewProvingKey(ecc.BN254)
	if err := read(proving, w.proving.ReadDump); err != nil {
		return answer{}, err
	}
	done.Ms = since(begun)
	w.verifying = groth16.NewVerifyingKey(ecc.BN254)
	raw := func(from reader) error { _, err := w.verifying.ReadFrom(from); return err }
	return done, read(verifying, raw)
}

func (w *worker) prove() (answer, error) {
	if w.proving == nil {
		return answer{}, fmt.Errorf("nothing is loaded yet")
	}
	w.solving.ms = nil
	begun := time.Now()
	proof, err := groth16.Prove(w.rows, w.proving, w.full)
	if err != nil {
		return answer{}, err
	}
	done := answer{Ms: since(begun), SolveMs: w.solving.ms}
	if done.SolveMs != nil {
		done.Ms = max(done.Ms-*done.SolveMs, 0)
	}
	w.proof = proof
	verified := groth16.Verify(proof, w.verifying, w.public) == nil
	done.Verified = &verified
	return done, nil
}

func (w *worker) verify() (answer, error) {
	if w.proof == nil {
		return answer{}, fmt.Errorf("there is no proof yet")
	}
	begun := time.Now()
	err := groth16.Verify(w.proof, w.verifying, w.public)
	return answer{Ms: since(begun)}, err
}

func (w *worker) obey(line []byte) (answer, error) {
	var order order
	if err := json.Unmarshal(line, &order); err != nil {
		return answer{}, err
	}
	var done answer
	var err error
	switch order.Do {
	case "load":
		done, err = w.load()
	case "prove":
		done, err = w.prove()
	case "verify":
		done, err = w.verify()
	case "end":
		os.Exit(0)
	default:
		err = fmt.Errorf("gnark cannot do that: %q", order.Do)
	}
	done.Done = order.Do
	return done, err
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == "verify" {
		os.Exit(verifyFiles(os.Args[2], os.Args[3], os.Args[4]))
	}
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "peer-gnark FOLDER CACHE | peer-gnark verify VKEY PUBLIC PROOF")
		os.Exit(2)
	}
	w := &worker{folder: os.Args[1], cache: os.Args[2]}
	logger.Set(zerolog.New(&w.solving).Level(zerolog.DebugLevel))
	answers := json.NewEncoder(os.Stdout)
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		done, err := w.obey(orders.Bytes())
		if err != nil {
			err = answers.Encode(failure{Failed: err.Error()})
		} else {
			err = answers.Encode(done)
		}
		if err != nil {
			os.Exit(1)
		}
	}
}
