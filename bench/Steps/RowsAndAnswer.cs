using System.Text.Json;
using BenchmarkDotNet.Attributes;
using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using MnistLstm.Shared;

namespace MnistLstm.Steps;

/// <summary>Steps 4 and 7, which are the same for every picture.</summary>
[MemoryDiagnoser]
public class RowsAndAnswer
{
    private readonly float[] _rows = new float[RowSequence.Length];

    private readonly Prediction _prediction = new()
    {
        Digit = 7,
        Probability = 0.99434954f,
        Probabilities = [2.869e-08f, 1.0556219E-05f, 0.00033555f, 0.00039472f, 4.214e-07f, 2.78e-07f, 5.33e-09f,
            0.99434954f, 2.06e-07f, 0.0049f],
        IsDigit = true,
        Box = new PictureBox(X: 4, Y: 4, Width: 20, Height: 20),
        Model = new ModelReference("digits", "0123456789ab"),
    };

    [Benchmark(Description = "4 rows")]
    public void Rows() => RowSequence.FromPixels(GoldenSample.Pixels, _rows);

    [Benchmark(Description = "7 answer")]
    public void Answer()
    {
        using var answer = JsonAnswer.Rent();
        JsonSerializer.Serialize(answer.Writer, _prediction, PredictionJson.Default.Prediction);
    }
}
