using MnistLstm.Api.Batching;
using MnistLstm.Api.Operations;
using MnistLstm.Api.Predictions;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Models;

/// <summary>A loaded model with the queue of what waits for it.</summary>
public sealed class ServedModel : IDisposable
{
    private readonly DigitClassifier _classifier;

    private ServedModel(DigitClassifier classifier, InferenceQueue queue)
    {
        _classifier = classifier;
        Queue = queue;
        Reference = new ModelReference(classifier.Name, classifier.Card.Version);
    }

    public string Name => _classifier.Name;

    public ModelCard Card => _classifier.Card;

    public ModelReference Reference { get; }

    public InferenceQueue Queue { get; }

    /// <summary>Loads a file, checks it against the contract and lets it read the golden sample.</summary>
    /// <exception cref="InvalidModelException">The model cannot serve.</exception>
    public static ServedModel Load(string path, ServiceOptions options)
    {
        DigitClassifier classifier = DigitClassifier.Load(path);
        try
        {
            GoldenSample.Check(classifier);
            var queue = new InferenceQueue(classifier, options.Workers, options.MaxBatch, options.QueueLength);
            return new ServedModel(classifier, queue);
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    /// <summary>Whether the picture with these logits, [C = 10], is believed to show one handwritten digit.</summary>
    public bool IsDigit(ReadOnlySpan<float> logits) => DigitEvidence.FromLogits(logits) >= Card.IsDigitThreshold;

    public void Dispose()
    {
        Queue.Dispose();
        _classifier.Dispose();
    }
}
