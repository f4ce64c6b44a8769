using MnistLstm.Shared.Models;
using MnistLstm.Shared.Normalization;

namespace MnistLstm.Shared.Tests.Models;

public sealed class DigitReaderTests
{
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)] // a part of something may look like a digit
    public void A_candidate_that_the_edge_cuts_off_needs_more_evidence_to_skip_the_others(bool isCutOff, bool isSure)
    {
        using DigitClassifier classifier = DigitClassifier.Load(Repository.PathOf("models", "digits.onnx"));
        float[] logits = [.. Enumerable.Repeat(-10f, ModelContract.Classes)];
        logits[3] = (float)classifier.Card.IsDigitThreshold + 3;
        var candidate = new DigitCandidate([], default) { IsCutOff = isCutOff };

        DigitReader.IsSure(classifier.Card, candidate, logits).ShouldBe(isSure);
    }
}
