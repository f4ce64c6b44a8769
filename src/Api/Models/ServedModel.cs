using MnistLstm.Api.Batching;
using MnistLstm.Api.Settings;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Models;

/// <summary>A loaded model with its inference queue.</summary>
public sealed class ServedModel : IDisposable
{
    private readonly DigitClassifier _classifier;

    /// <summary>Leases, plus one for the catalog until it replaces the model.</summary>
    private int _users = 1;

    private ServedModel(ModelFile file, DigitClassifier classifier, InferenceQueue queue)
    {
        File = file;
        _classifier = classifier;
        Queue = queue;
        Reference = new ModelReference(classifier.Name, classifier.Card.Version);
    }

    public ModelFile File { get; }

    public DateTimeOffset LoadedAt { get; } = DateTimeOffset.UtcNow;

    public string Name => _classifier.Name;

    public ModelCard Card => _classifier.Card;

    public ModelReference Reference { get; }

    public InferenceQueue Queue { get; }

    /// <summary>Loads a file, checks it against the contract and tests it with the golden sample.</summary>
    /// <exception cref="InvalidModelException">The model cannot serve.</exception>
    public static ServedModel Load(string path, ServiceOptions options)
    {
        var file = ModelFile.At(path);
        DigitClassifier classifier = DigitClassifier.Load(path);
        try
        {
            GoldenSample.Check(classifier);
            var queue = new InferenceQueue(classifier, options.Workers, options.MaxBatch, options.QueueLength);
            return new ServedModel(file, classifier, queue);
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether image <paramref name="n"/> of a computed request is believed to show one handwritten digit.
    /// </summary>
    public bool IsDigit(InferenceRequest request, int n) => request.Candidate(n) is { } candidate
        ? DigitReader.IsDigit(Card, candidate, request.Logits(n))
        : Card.IsDigit(request.Logits(n), isAlone: true);

    /// <summary>Ends the catalog's use of the model.</summary>
    public void Dispose() => Release();

    /// <returns>False if the model is no longer in memory.</returns>
    internal bool TryKeep()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>Frees the memory when the last user is done.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Queue.Dispose();
            _classifier.Dispose();
        }
    }
}
