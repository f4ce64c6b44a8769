using BenchmarkDotNet.Attributes;
using MnistLstm.Api.Models;
using MnistLstm.Api.Operations;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Steps;

/// <summary>Step 6 alone: the network on one core. Times are of a whole batch of N.</summary>
[MemoryDiagnoser]
public class Classification
{
    private DigitClassifier? _classifier;
    private ClassifierBatch? _batch;

    [Params(1, 8, 32)]
    public int N { get; set; }

    [GlobalSetup]
    public void Load()
    {
        _classifier = DigitClassifier.Load(Path.Combine(ModelFolder.Default, "digits.onnx"));
        _batch = _classifier.CreateBatch(N);
        for (int n = 0; n < N; n++)
        {
            RowSequence.FromPixels(GoldenSample.Pixels, _batch.Rows(n));
        }
    }

    [GlobalCleanup]
    public void Unload()
    {
        _batch!.Dispose();
        _classifier!.Dispose();
    }

    [Benchmark(Description = "6 classify")]
    public void Classify() => _batch!.Run(N);
}
