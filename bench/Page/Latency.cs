namespace MnistLstm.Page;

/// <summary>The times of one point of a stroke, in milliseconds after the browser received it.</summary>
/// <param name="Set">The answer to the drawing with this point is there and the bars are set.</param>
/// <param name="Painted">The frame with those bars is painted.</param>
internal sealed record Latency(double Set, double Painted);
