using System.Diagnostics;
using MnistLstm.Shared.Models;

namespace MnistLstm.Load;

/// <summary>ONNX Runtime alone: each thread runs its own preallocated batch again and again.</summary>
internal sealed class InProcess : IDisposable
{
    private readonly DigitClassifier _classifier;
    private readonly ClassifierBatch[] _batches;

    public InProcess(string model, int threads, int images)
    {
        _classifier = DigitClassifier.Load(model);
        _batches = [.. Enumerable.Range(0, threads).Select(_ => _classifier.CreateBatch(images))];
        foreach (ClassifierBatch batch in _batches)
        {
            for (int n = 0; n < images; n++)
            {
                Uploads.Rows(n, batch.Rows(n));
            }
        }
    }

    /// <returns>Images a second.</returns>
    public async Task<double> RunAsync(TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        long[] images = await Task.WhenAll(_batches.Select(batch => Task.Run(() =>
        {
            long count = 0;
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                batch.Run(batch.Capacity);
                count += batch.Capacity;
            }

            return count;
        })));
        return images.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        foreach (ClassifierBatch batch in _batches)
        {
            batch.Dispose();
        }

        _classifier.Dispose();
    }
}
