using Microsoft.ML.OnnxRuntime;

namespace MnistLstm.Shared.Models;

/// <summary>Input and output buffers of a <see cref="DigitClassifier"/>, allocated once for up to N images.</summary>
/// <remarks>For one thread at a time. Fill <see cref="Rows"/>, call <see cref="Run"/>, read the outputs.</remarks>
public sealed class ClassifierBatch : IDisposable
{
    private static readonly string[] InputNames = [ModelContract.Input];
    private static readonly string[] OutputNames = [ModelContract.Probabilities, ModelContract.Logits];

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly float[] _rows;
    private readonly float[] _probabilities;
    private readonly float[] _logits;
    private readonly Tensors?[] _tensorsByCount;

    internal ClassifierBatch(InferenceSession session, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);

        _session = session;
        Capacity = capacity;
        _rows = GC.AllocateArray<float>(capacity * RowSequence.Length, pinned: true);
        _probabilities = GC.AllocateArray<float>(capacity * ModelContract.Classes, pinned: true);
        _logits = GC.AllocateArray<float>(capacity * ModelContract.Classes, pinned: true);
        _tensorsByCount = new Tensors?[capacity + 1];
    }

    /// <summary>The maximum N, in images.</summary>
    public int Capacity { get; }

    /// <summary>The buffer for image <paramref name="n"/>: [T = 28, I = 28] intensities.</summary>
    public Span<float> Rows(int n) => _rows.AsSpan(n * RowSequence.Length, RowSequence.Length);

    /// <summary>Computes images 0 to <paramref name="count"/> − 1.</summary>
    /// <param name="count">N, from 1 to <see cref="Capacity"/>.</param>
    public void Run(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity);

        Tensors tensors = _tensorsByCount[count] ??= new Tensors(_rows, _probabilities, _logits, count);
        _session.Run(_runOptions, InputNames, tensors.Inputs, OutputNames, tensors.Outputs);
    }

    /// <summary>[C = 10], sums to 1; of image <paramref name="n"/> of the last run.</summary>
    public ReadOnlySpan<float> Probabilities(int n) => Item(_probabilities, n);

    /// <summary>[C = 10], before temperature and softmax; of image <paramref name="n"/> of the last run.</summary>
    public ReadOnlySpan<float> Logits(int n) => Item(_logits, n);

    public void Dispose()
    {
        foreach (Tensors? tensors in _tensorsByCount)
        {
            tensors?.Dispose();
        }

        _runOptions.Dispose();
    }

    private static ReadOnlySpan<float> Item(float[] outputs, int n) =>
        outputs.AsSpan(n * ModelContract.Classes, ModelContract.Classes);

    /// <summary>ONNX Runtime's view of the memory for one N.</summary>
    private sealed class Tensors(float[] rows, float[] probabilities, float[] logits, int count) : IDisposable
    {
        public OrtValue[] Inputs { get; } = [View(rows, count, RowSequence.TimeSteps, RowSequence.Features)];

        public OrtValue[] Outputs { get; } =
            [View(probabilities, count, ModelContract.Classes), View(logits, count, ModelContract.Classes)];

        public void Dispose()
        {
            Inputs[0].Dispose();
            Outputs[0].Dispose();
            Outputs[1].Dispose();
        }

        private static OrtValue View(float[] memory, params ReadOnlySpan<long> shape)
        {
            long length = 1;
            foreach (long dimension in shape)
            {
                length *= dimension;
            }

            return OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, memory.AsMemory(0, (int)length), shape.ToArray());
        }
    }
}
