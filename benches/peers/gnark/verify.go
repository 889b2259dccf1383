package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"slices"

	"github.com/consensys/gnark-crypto/ecc"
	curve "github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend/groth16"
	bn254 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/logger"
)

// refusal is why a proof does not count. Every other error is a file that cannot be read.
type refusal struct{ error }

type system struct {
	Protocol string `json:"protocol"`
	Curve    string `json:"curve"`
}

type keyJSON struct {
	system
	Public int        `json:"nPublic"`
	Alpha  []string   `json:"vk_alpha_1"`
	Beta   [][]string `json:"vk_beta_2"`
	Gamma  [][]string `json:"vk_gamma_2"`
	Delta  [][]string `json:"vk_delta_2"`
	IC     [][]string `json:"IC"`
}

type proofJSON struct {
	system
	A []string   `json:"pi_a"`
	B [][]string `json:"pi_b"`
	C []string   `json:"pi_c"`
}

// verifyFiles gives gnark's verdict on the files of snarkjs as an exit code: 0 for a proof that
// holds, 1 for one that does not, 2 for a file that cannot be read.
func verifyFiles(key, public, proof string) int {
	// gnark's log goes to standard output.
	logger.Disable()
	err := verifyProof(key, public, proof)
	switch refused := (refusal{}); {
	case err == nil:
		fmt.Println("verified")
		return 0
	case errors.As(err, &refused):
		fmt.Println("refused:", err)
		return 1
	default:
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
}

func verifyProof(keyPath, publicPath, proofPath string) error {
	key, err := readKey(keyPath)
	if err != nil {
		return fmt.Errorf("%s: %w", keyPath, err)
	}
	public, err := readPublic(publicPath)
	if err != nil {
		return fmt.Errorf("%s: %w", publicPath, err)
	}
	proof, err := readProof(proofPath)
	if err != nil {
		return fmt.Errorf("%s: %w", proofPath, err)
	}
	if err := groth16.Verify(proof, key, public); err != nil {
		return refusal{err}
	}
	return nil
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func (s system) check() error {
	if s.Protocol != "groth16" || s.Curve != "bn128" {
		return errors.New("expected groth16 over bn128")
	}
	return nil
}

func readKey(path string) (*bn254.VerifyingKey, error) {
	var from keyJSON
	if err := readJSON(path, &from); err != nil {
		return nil, err
	}
	if err := from.check(); err != nil {
		return nil, err
	}
	if len(from.IC) != from.Public+1 {
		return nil, fmt.Errorf("expected %d points in IC, got %d", from.Public+1, len(from.IC))
	}
	var key bn254.VerifyingKey
	key.G1.K = make([]curve.G1Affine, len(from.IC))
	err := cmp.Or(
		readG1(from.Alpha, &key.G1.Alpha),
		readG2(from.Beta, &key.G2.Beta),
		readG2(from.Gamma, &key.G2.Gamma),
		readG2(from.Delta, &key.G2.Delta),
	)
	for i, point := range from.IC {
		err = cmp.Or(err, readG1(point, &key.G1.K[i]))
	}
	if err != nil {
		return nil, err
	}
	return &key, key.Precompute()
}

func readProof(path string) (*bn254.Proof, error) {
	var from proofJSON
	if err := readJSON(path, &from); err != nil {
		return nil, err
	}
	var proof bn254.Proof
	return &proof, cmp.Or(
		from.check(),
		readG1(from.A, &proof.Ar),
		readG2(from.B, &proof.Bs),
		readG1(from.C, &proof.Krs),
	)
}

func readPublic(path string) (witness.Witness, error) {
	var from []string
	if err := readJSON(path, &from); err != nil {
		return nil, err
	}
	values := make(chan any, len(from))
	for _, text := range from {
		number, err := readNumber(text, fr.Modulus())
		if err != nil {
			return nil, err
		}
		values <- number
	}
	close(values)
	public, err := witness.New(ecc.BN254.ScalarField())
	if err != nil {
		return nil, err
	}
	return public, public.Fill(len(from), 0, values)
}

// readNumber reads decimal digits of a number below the modulus: gnark would reduce it.
func readNumber(text string, modulus *big.Int) (*big.Int, error) {
	number, ok := new(big.Int).SetString(text, 10)
	if !ok || number.Sign() < 0 || number.Cmp(modulus) >= 0 || number.String() != text {
		return nil, errors.New("expected a decimal number below the modulus")
	}
	return number, nil
}

// readAffine reads x and y of a point whose third coordinate is 1, each of so many numbers.
// Infinity is (0, 1, 0), and to gnark (0, 0).
func readAffine(point []string, degree int) ([]fp.Element, error) {
	if len(point) != 3*degree {
		return nil, errors.New("expected three coordinates")
	}
	numbers := make([]fp.Element, len(point))
	for i, text := range point {
		number, err := readNumber(text, fp.Modulus())
		if err != nil {
			return nil, err
		}
		numbers[i].SetBigInt(number)
	}
	one, zero := make([]fp.Element, degree), make([]fp.Element, degree)
	one[0].SetOne()
	x, y, z := numbers[:degree], numbers[degree:2*degree], numbers[2*degree:]
	switch {
	case slices.Equal(x, zero) && slices.Equal(y, one) && slices.Equal(z, zero):
		return make([]fp.Element, 2*degree), nil
	case !slices.Equal(z, one):
		return nil, errors.New("expected an affine point or (0, 1, 0)")
	case slices.Equal(x, zero) && slices.Equal(y, zero):
		return nil, refusal{errors.New("(0, 0) is not on the curve")}
	}
	return numbers[:2*degree], nil
}

func readG1(from []string, to *curve.G1Affine) error {
	at, err := readAffine(from, 1)
	if err != nil {
		return err
	}
	to.X, to.Y = at[0], at[1]
	return inGroup(to)
}

func readG2(from [][]string, to *curve.G2Affine) error {
	for _, coordinate := range from {
		if len(coordinate) != 2 {
			return errors.New("expected two numbers a coordinate")
		}
	}
	at, err := readAffine(slices.Concat(from...), 2)
	if err != nil {
		return err
	}
	to.X.A0, to.X.A1, to.Y.A0, to.Y.A1 = at[0], at[1], at[2], at[3]
	return inGroup(to)
}

func inGroup(point interface {
	IsOnCurve() bool
	IsInSubGroup() bool
}) error {
	switch {
	case !point.IsOnCurve():
		return refusal{errors.New("a point is not on the curve")}
	case !point.IsInSubGroup():
		return refusal{errors.New("a point is not in the subgroup")}
	}
	return nil
}
