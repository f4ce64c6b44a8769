using BenchmarkDotNet.Attributes;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;
using MnistLstm.Shared;
using MnistLstm.Shared.Models;

namespace MnistLstm.Steps;

/// <summary>
/// Step 6 alone: the network on one core. Times are of a whole batch of N. Models beside the shipped one, the same with
/// int8 weights above all, are measured too where they lie in <c>bench/models</c>.
/// </summary>
[MemoryDiagnoser]
public class Classification
{
    private DigitClassifier? _classifier;
    private ClassifierBatch? _batch;

    [Params(1, 8, 32)]
    public int N { get; set; }

    [ParamsSource(nameof(Models))]
    public string Model { get; set; } = "";

    public static IEnumerable<string> Models =>
        Directory.Exists(OwnFolder)
            ? Directory.GetFiles(OwnFolder, ModelFolder.Pattern).Order().Select(Name).Prepend(Shipped)
            : [Shipped];

    private const string Shipped = "digits";

    private static string OwnFolder => Path.Combine(ModelFolder.Default, "..", "bench", "models");

    [GlobalSetup]
    public void Load()
    {
        _classifier = DigitClassifier.Load(
            Path.Combine(Model == Shipped ? ModelFolder.Default : OwnFolder, Model
                + Path.GetExtension(ModelFolder.Pattern)));
        _batch = Filled(_classifier, N);
    }

    /// <summary>A batch of n times the same image.</summary>
    internal static ClassifierBatch Filled(DigitClassifier classifier, int n)
    {
        ClassifierBatch batch = classifier.CreateBatch(n);
        for (int i = 0; i < n; i++)
        {
            RowSequence.FromPixels(GoldenSample.Pixels, batch.Rows(i));
        }

        return batch;
    }

    private static string Name(string path) => Path.GetFileNameWithoutExtension(path);

    [GlobalCleanup]
    public void Unload()
    {
        _batch!.Dispose();
        _classifier!.Dispose();
    }

    [Benchmark(Description = "6 classify")]
    public void Classify() => _batch!.Run(N);
}
