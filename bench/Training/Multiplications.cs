using System.Diagnostics;
using MnistLstm.Shared;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Bench.Training;

/// <summary>
/// The matrix products that training the LSTM cannot do without, in its shapes, on as many threads, and nothing else:
/// no gates, no optimizer. What training could reach at most.
/// </summary>
internal sealed class Multiplications(TrainingOptions options, NumberFormat format) : IDisposable
{
    /// <summary>B of one product, as the replicas have it.</summary>
    private const int Chunk = 64;

    private readonly Operands[] _operands =
        [.. Enumerable.Range(0, options.Threads).Select(_ => new Operands(options.HiddenSize, format.ToScalarType()))];

    public double ImagesPerSecond(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        int[] images = new int[_operands.Length];
        Parallel.For(0, _operands.Length, new ParallelOptions { MaxDegreeOfParallelism = _operands.Length }, worker =>
        {
            set_num_threads(1);
            using var noGrad = no_grad();
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                _operands[worker].Multiply();
                images[worker] += Chunk;
            }
        });
        return images.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        foreach (Operands operands in _operands)
        {
            operands.Dispose();
        }
    }

    private sealed class Operands(int hidden, ScalarType type) : IDisposable
    {
        private const int T = RowSequence.TimeSteps;

        private readonly Tensor _rows = rand([T * Chunk, RowSequence.Features]).to(type); // [T B, I]
        private readonly Tensor _inputWeights = rand([RowSequence.Features, 4 * hidden]).to(type); // [I, 4H]
        private readonly Tensor _states = rand([Chunk, hidden]).to(type); // [B, H]
        private readonly Tensor _recurrentWeights = rand([hidden, 4 * hidden]).to(type); // [H, 4H]
        private readonly Tensor _gates = rand([Chunk, 4 * hidden]).to(type); // [B, 4H]
        private readonly Tensor _allStates = rand([T * Chunk, hidden]).to(type); // [T B, H]
        private readonly Tensor _allGates = rand([T * Chunk, 4 * hidden]).to(type); // [T B, 4H]

        public void Multiply()
        {
            using DisposeScope scope = NewDisposeScope();
            _ = _rows.mm(_inputWeights);
            for (int t = 0; t < T; t++)
            {
                _ = _states.mm(_recurrentWeights); // forward
                _ = _gates.mm(_recurrentWeights.t()); // backward, to the state before
            }

            _ = _allStates.t().mm(_allGates); // backward, to the weights
            _ = _rows.t().mm(_allGates);
        }

        public void Dispose()
        {
            foreach (Tensor tensor in (Tensor[])[_rows, _inputWeights, _states, _recurrentWeights, _gates,
                _allStates, _allGates])
            {
                tensor.Dispose();
            }
        }
    }
}
