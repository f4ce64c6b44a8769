using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;

namespace MnistLstm.Api.Recognition;

/// <summary>A picture of several digits, and what was read in it.</summary>
/// <remarks>Disposing gives the memory of the candidates back.</remarks>
public sealed class PictureFigures(RequestPicture picture) : IDisposable
{
    private IReadOnlyList<IReadOnlyList<Figure>> _readings = [];
    private bool[]? _isDigit;
    private StepTimes _times;
    private DisplayedBox _places;
    private InferenceRequest? _candidates;

    public RequestPicture Picture => picture;

    /// <summary>All candidates, once computed.</summary>
    public InferenceRequest Candidates => _candidates!;

    /// <summary>The digits in reading order: each one's candidate and line.</summary>
    public IReadOnlyList<(int Candidate, int Line)> Digits { get; private set; } = [];

    /// <summary>Time spent on each step so far.</summary>
    public StepTimes Times => _times;

    /// <summary>Where a candidate is in the picture as displayed.</summary>
    public Region BoxOf(int candidate) => _places.Find(Candidates.Candidate(candidate)!.Box);

    public void Dispose() => _candidates?.Dispose();

    /// <summary>The plain reading at first, then the other ways to read the figures that are in doubt.</summary>
    internal void Propose(PictureReader reader, int maxDigits, CancellationToken stop) =>
        picture.Problem = reader.ReadFigures(picture, _isDigit, maxDigits, ref _times, stop, out _readings, out _places);

    /// <summary>Makes all candidates one request.</summary>
    internal InferenceRequest CreateRequest()
    {
        IReadOnlyList<DigitCandidate> candidates = FigureReader.Candidates(_readings);
        _candidates?.Dispose();
        _candidates = InferenceRequest.Rent(candidates.Count);
        for (int n = 0; n < candidates.Count; n++)
        {
            _candidates.Set(n, candidates[n]);
        }

        return _candidates;
    }

    /// <summary>Chooses the digits once the candidates are computed.</summary>
    /// <returns>Whether each of them surely is a digit.</returns>
    internal bool Choose(ModelCard card, int maxDigits)
    {
        _times.Queue += Candidates.Waited;
        _times.Infer += Candidates.Computed;
        float[] evidence = new float[Candidates.Count];
        for (int n = 0; n < evidence.Length; n++)
        {
            evidence[n] = DigitEvidence.FromLogits(Candidates.Logits(n));
        }

        Digits = FigureReader.Choose(_readings, evidence, card);
        picture.Problem = Digits.Count > maxDigits ? PictureReader.TooManyDigits(Digits.Count, maxDigits) : null;
        _isDigit = [.. Digits.Select(digit => FigureReader.IsOneDigit(
            Candidates.Candidate(digit.Candidate)!, evidence[digit.Candidate], card))];
        return _isDigit.All(isDigit => isDigit);
    }
}
